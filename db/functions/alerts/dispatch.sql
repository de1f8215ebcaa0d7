-- Carries out one step of the job dispatch. A step either decides and claims, or sends what the
-- step before it claimed; the job commits in between, so that no lock is held while a receiver is
-- waited for, and a crash while sending leaves a claim behind and not a hole.
create or replace function plumb.dispatch()
returns plumb.job_step
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_requests jsonb;
    v_claimed bigint;
begin
    v_requests := plumb.claimed_requests();
    if v_requests is not null then
        return row(plumb.record_deliveries(plumb.post_requests(v_requests)), true);
    end if;
    v_claimed := plumb.prepare_deliveries();
    -- Only who can send may claim: elsewhere the outside dispatcher comes for them.
    if to_regproc('plumb.py_post') is null then
        return row(case
            when exists (select from plumb.destination_secrets)
            then 'plpython3u is missing: run `plumb dispatch` outside'
        end, v_claimed > 0);
    end if;
    if
        (
            select
                r.started_at + plumb.setting_interval('dispatch_run_seconds_max')
                < plumb.current_time()
            from plumb.job_runs as r
            where r.job_name = 'dispatch' and r.result = 'running'
            order by r.started_at desc
            limit 1
        )
    then
        return row('more is waiting for the next run'::text, false);
    end if;
    v_claimed := v_claimed + plumb.claim_deliveries('database');
    return row(null::text, v_claimed > 0);
end;
$$;
comment on function plumb.dispatch() is
'One step of delivering alerts: route and claim, or send what was claimed.';
grant execute on function plumb.dispatch() to plumb_worker;
