-- Queues a heartbeat: a receiver that stops getting it knows that the database, its scheduler or
-- its network is down, which the database cannot report itself. It also judges the destinations.
create or replace function plumb.run_heartbeat()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_failing bigint;
begin
    insert into plumb.outbox (topic, dedup_key, payload, created_at)
    select
        'heartbeat',
        'plumb:heartbeat',
        jsonb_build_object(
            'intervalSeconds', plumb.setting_number('heartbeat_interval_ms') / 1000,
            'staleJobs', (
                select coalesce(jsonb_agg(c.job_name order by c.job_name), '[]')
                from plumb.cron_status as c
                where c.is_stale
            ),
            'openIncidents', (
                select jsonb_build_object(
                    'P1', count(*) filter (where i.priority = 'P1'),
                    'P2', count(*) filter (where i.priority = 'P2'),
                    'P3', count(*) filter (where i.priority = 'P3'),
                    'P4', count(*) filter (where i.priority = 'P4')
                )
                from plumb.incidents as i
                where i.is_open
            ),
            'safeMode', plumb.is_safe_mode(),
            'healthScore', (select h.score from plumb.newest_health_score() as h)
        ),
        plumb.current_time();
    v_failing := plumb.judge_destinations();
    return format('sent; %s not reached', plumb.counted(v_failing, 'destination'));
end;
$$;
comment on function plumb.run_heartbeat() is
'Queue a heartbeat and judge the destinations; says how many cannot be reached.';
grant execute on function plumb.run_heartbeat() to plumb_worker;
