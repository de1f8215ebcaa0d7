-- Stores the evidence of an incident when it opens, each part up to a limit: sessions end, locks
-- are released and rows are repaired before a person looks.
create or replace function plumb.take_snapshot(p_source text, p_scope text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'takenAt', plumb.current_time(),
        'violations', (
            select coalesce(jsonb_agg(to_jsonb(v) order by v.subject), '[]')
            from (
                select o.subject, o.explanation, o.details, o.blame, o.first_seen_at
                from plumb.invariant_violations as o
                where p_source = 'invariant' and o.invariant = p_scope and o.cleared_at is null
                order by o.invariant_violation_id
                limit plumb.setting_number('snapshot_rows_max')::integer
            ) as v
        ),
        'activity', (
            select coalesce(jsonb_agg(to_jsonb(a)), '[]')
            from (
                select
                    s.pid,
                    s.usename,
                    s.application_name,
                    s.client_addr,
                    s.state,
                    s.wait_event_type,
                    s.wait_event,
                    s.xact_start,
                    left(plumb.redact_statement(s.query), 500) as query
                from pg_stat_activity as s
                where
                    s.datname = current_database()
                    and s.backend_type = 'client backend'
                    and s.pid <> pg_backend_pid()
                order by s.xact_start nulls last
                limit plumb.setting_number('snapshot_rows_max')::integer
            ) as a
        ),
        'locks', (
            select coalesce(jsonb_agg(to_jsonb(l)), '[]')
            from (
                select
                    k.pid,
                    k.locktype,
                    k.relation::regclass::text as relation,
                    k.mode,
                    pg_blocking_pids(k.pid) as blocked_by
                from pg_locks as k
                where not k.granted
                limit plumb.setting_number('snapshot_rows_max')::integer
            ) as l
        ),
        'jobs', (
            select coalesce(jsonb_agg(to_jsonb(c)), '[]')
            from (
                select j.job_name, j.status, j.last_run_at, j.result, j.message
                from plumb.cron_status as j
            ) as c
        )
    )
$$;
comment on function plumb.take_snapshot(text, text) is
'Evidence as JSON: violations, activity, locks waited for, jobs; each part capped.';
