-- Starts a deployment and claims the lock that excludes every other one. The claim belongs to the
-- session: it outlives this transaction and ends with the process. An unfinished deployment without
-- a claim has lost its process; it must be recovered first.
create or replace function plumb.start_deployment(
    p_name text, p_watch_seconds integer, p_host text default '', p_process_id integer default null
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_first plumb.deployments;
    v_deployment_id bigint;
begin
    perform plumb.expect_deployment_name(p_name);
    if
        p_watch_seconds is null
        or p_watch_seconds not between plumb.setting_number('deploy_sustained_seconds')
        and plumb.setting_number('deploy_watch_seconds_max')
    then
        raise exception 'a watch of % s judges nothing, or never ends',
            coalesce(p_watch_seconds::text, 'null')
            using errcode = 'PL002',
            hint = format(
                'From %s s (deploy_sustained_seconds) to %s s (deploy_watch_seconds_max).',
                plumb.setting('deploy_sustained_seconds'),
                plumb.setting('deploy_watch_seconds_max')
            );
    end if;
    if not plumb.claim('deployment') then
        select d.* into v_first
        from plumb.deployments as d
        where d.status in ('gating', 'applying', 'watching', 'rolling_back');
        raise exception 'deployment % runs already: %',
            coalesce(quote_literal(v_first.name), 'of another process'),
            coalesce(
                format(
                    '%s since %s, by process %s on %s',
                    v_first.status, v_first.started_at, v_first.process_id, v_first.host
                ),
                'it is about to start'
            )
            using errcode = 'PL004', hint = 'Two at once: no breach could be attributed to one.';
    end if;
    select d.* into v_first
    from plumb.deployments as d
    where d.status in ('gating', 'applying', 'watching', 'rolling_back');
    if found then
        raise exception
            'deployment % was never finished: process % on % was last heard of at %, while %',
            quote_literal(v_first.name), v_first.process_id, v_first.host, v_first.last_seen_at,
            v_first.status
            using errcode = 'PL005',
            hint = 'Undo it: ./plumb deploy --recover --rollback CMD; '
            'or leave it as it is: ./plumb deploy --recover --keep.';
    end if;
    insert into plumb.deployments (
        name, status, watch_seconds, host, process_id, started_at, last_seen_at
    )
    values (p_name, 'gating', p_watch_seconds, left(p_host, 200), p_process_id, v_now, v_now)
    returning deployment_id into v_deployment_id;
    insert into plumb.deployment_events (deployment_id, status, occurred_at)
    values (v_deployment_id, 'gating', v_now);
    return v_deployment_id;
end;
$$;
comment on function plumb.start_deployment(text, integer, text, integer) is
'Enter a deployment and lock out all others; PL004 while one runs, PL005 after one that died.';
grant execute on function plumb.start_deployment(
    text, integer, text, integer
) to plumb_operator;
