-- Finishes the record of a run that this session started, and gives up its claim of the job.
create or replace function plumb.finish_job_run(p_job_run_id bigint, p_result text, p_message text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with finished as (
        update plumb.job_runs as r
        set
            finished_at = plumb.current_time(),
            result = p_result,
            message = coalesce(left(p_message, 2000), '')
        where r.job_run_id = p_job_run_id and r.backend_pid = pg_backend_pid()
        returning r.job_name
    )

    select plumb.release('job ' || f.job_name) from finished as f
$$;
comment on function plumb.finish_job_run(bigint, text, text) is
'Record how a run of this session ended (succeeded or failed), and release its job.';
grant execute on function plumb.finish_job_run(bigint, text, text) to plumb_worker;
