-- Cancels runs that exceed their own limit, and ends those that go on all the same: pg_cron has no
-- timeout per job, and statement_timeout is armed once for a whole CALL. It has the rights of its
-- caller, because a role cancels its own sessions, and the owner of the tables is not the role that
-- runs the jobs.
create or replace function plumb.cancel_overdue_jobs()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    with reports as (
        select plumb.finish_lost_runs() as report
        union all
        select plumb.end_overdue_claims()
        union all
        select format('%s: %s', o.job_name, case
            when o.is_stubborn and pg_terminate_backend(o.pid) then 'ended, for it did not obey'
            when pg_cancel_backend(o.pid) then 'cancelled'
            else 'could not be cancelled'
        end)
        from plumb.note_overdue_runs() as o
        where pg_has_role(o.role_id, 'usage')
    )

    select coalesce(string_agg(p.report, ', '), 'none overdue') from reports as p
$$;
comment on function plumb.cancel_overdue_jobs() is
'Cancel runs over their job''s limit, end those that go on, close lost ones; says which.';
grant execute on function plumb.cancel_overdue_jobs() to plumb_worker;
