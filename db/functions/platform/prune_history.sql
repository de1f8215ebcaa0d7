-- Removes rows older than their retention from every table that grows by itself, a limited number
-- at a time, so that the hourly run stays short.
create or replace function plumb.prune_history()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rows_max constant integer := plumb.setting_number('prune_rows_max')::integer;
    v_target record;
    v_count bigint;
    v_report text := '';
begin
    for v_target in
        select t.*
        from (values
            ('job_runs', 'job_run_id', 'started_at', 'job_retention_days'),
            ('drift_scores', 'drift_score_id', 'created_at', 'history_retention_days'),
            ('health_scores', 'health_score_id', 'created_at', 'history_retention_days'),
            ('invariant_checks', 'invariant_check_id', 'checked_at', 'history_retention_days'),
            (
                'invariant_violations', 'invariant_violation_id', 'cleared_at',
                'history_retention_days'
            ),
            ('incidents', 'incident_id', 'resolved_at', 'history_retention_days'),
            ('incidents', 'incident_id', 'closed_at', 'history_retention_days'),
            (
                'perf_observations', 'perf_observation_id', 'window_started_at',
                'perf_retention_days'
            ),
            (
                'statement_observations', 'statement_observation_id', 'observed_at',
                'perf_retention_days'
            ),
            ('memory_samples', 'memory_sample_id', 'sampled_at', 'perf_retention_days'),
            ('security_events', 'security_event_id', 'occurred_at', 'history_retention_days'),
            ('security_blocks', 'security_block_id', 'blocked_until', 'history_retention_days'),
            ('api_calls', 'api_call_id', 'called_at', 'api_call_retention_days'),
            ('deployments', 'deployment_id', 'finished_at', 'deploy_retention_days'),
            ('deployment_gates', 'deployment_gate_id', 'checked_at', 'deploy_retention_days'),
            ('audit_findings', 'audit_finding_id', 'cleared_at', 'history_retention_days'),
            ('executive_reports', 'executive_report_id', 'created_at', 'report_retention_days'),
            ('received_webhooks', 'event_key', 'received_at', 'webhook_retention_days')
        ) as t (relation, key, time_column, setting)
    loop
        execute format(
            'delete from plumb.%1$I where %2$I in ('
            'select %2$I from plumb.%1$I where %3$I < $1 order by %2$I limit $2)',
            v_target.relation, v_target.key, v_target.time_column
        )
        using
            plumb.current_time()
            - plumb.setting_interval(v_target.setting),
            v_rows_max;
        get diagnostics v_count = row_count;
        if v_count > 0 then
            v_report := v_report || format('plumb.%s: %s ', v_target.relation, v_count);
        end if;
    end loop;
    v_count := plumb.prune_job_runs();
    if v_count > 0 then
        v_report := v_report || format('surplus runs: %s ', v_count);
    end if;
    v_count := plumb.prune_outbox();
    if v_count > 0 then
        v_report := v_report || format('plumb.outbox: %s ', v_count);
    end if;
    perform plumb.prune_cron_history();
    return coalesce(nullif(trim(v_report), ''), 'nothing was old enough');
end;
$$;
comment on function plumb.prune_history() is
'Delete history beyond its retention, at most prune_rows_max rows per table; says what went.';
grant execute on function plumb.prune_history() to plumb_worker;
