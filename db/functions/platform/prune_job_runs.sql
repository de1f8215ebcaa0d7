-- Removes old runs of jobs, by number as well as by age. A job that runs every five seconds leaves
-- 17,000 rows a day, nearly all of which say that there was nothing to do; failures are kept
-- longer, because they are what an operator looks for. The limit is for each job, so that a
-- frequent one cannot remove the runs of a rare one.
create or replace function plumb.prune_job_runs()
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    with kept as (
        select k.result, plumb.setting_number(k.setting)::bigint as runs_max
        from (values
            ('succeeded', 'job_successes_max'),
            ('failed', 'job_failures_max')
        ) as k (result, setting)
    ),

    surplus as (
        select s.job_run_id
        from plumb.jobs as j
        cross join kept as k
        cross join lateral (
            select r.job_run_id
            from plumb.job_runs as r
            where r.job_name = j.job_name and r.result = k.result
            order by r.started_at desc
            offset k.runs_max
        ) as s
        order by s.job_run_id
        limit plumb.setting_number('prune_rows_max')::bigint
    ),

    deleted as (
        delete from plumb.job_runs as r
        using surplus as s
        where r.job_run_id = s.job_run_id
        returning 1
    )

    select count(*) from deleted
$$;
comment on function plumb.prune_job_runs() is
'Delete a job''s oldest runs beyond job_successes_max and job_failures_max; returns how many.';
