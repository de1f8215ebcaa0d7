-- Finishes the record of runs whose process is gone, so that a daily job that crashed does not look
-- busy for a day. A run is alive while its session holds the job's claim: a recycled process number
-- does not hold it.
create or replace function plumb.finish_lost_runs()
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with lost as (
        select r.job_run_id
        from plumb.job_runs as r
        where
            r.result = 'running'
            and not exists (
                select
                from plumb.locks as l
                where
                    l.name = 'job ' || r.job_name
                    and l.holder_pid = r.backend_pid
                    and plumb.is_claimed(l.name)
            )
    ),

    closed as (
        update plumb.job_runs as r
        set
            result = 'failed',
            finished_at = plumb.current_time(),
            message = 'the server process ended before the run did'
        from lost as l
        where l.job_run_id = r.job_run_id and r.result = 'running'
        returning format('%s: its process was gone', r.job_name) as report
    )

    select string_agg(c.report, ', ') from closed as c
$$;
comment on function plumb.finish_lost_runs() is
'Record as failed the runs of jobs whose process is gone; says which, null when there are none.';
grant execute on function plumb.finish_lost_runs() to plumb_worker;
