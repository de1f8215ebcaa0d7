-- Stores a job in pg_cron. It is the only function that does, because pg_cron's functions belong to
-- the superuser. Jobs always run as plumb_worker: a name is unique per user, so scheduling as two
-- users would make two jobs.
reset role;
create or replace function plumb.put_on_cron(
    p_name text, p_schedule text, p_command text, p_is_active boolean
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
begin
    if p_name !~ '^plumb [a-z-]+$' or p_command !~ '^call plumb\.(run|repeat)_job\(''[a-z-]+''\)$'
    then
        raise exception 'not a job of Plumbline: %', p_name
            using errcode = 'PL002', hint = 'Declare it in plumb.jobs and schedule it there.';
    end if;
    -- Rewriting an unchanged job would make pg_cron reload its table for nothing.
    if exists (
        select from cron.job as j
        where
            j.jobname = p_name
            and j.schedule = p_schedule
            and j.command = p_command
            and j.active = p_is_active
            and j.username = 'plumb_worker'
            and j.database = current_database()
    ) then
        return;
    end if;
    -- An existing job keeps its own idea of being active and, in old versions, of its database,
    -- which may have another name by now. So both are compared.
    perform cron.alter_job(
        cron.schedule_in_database(
            p_name, p_schedule, p_command, current_database(), 'plumb_worker'
        ),
        database => current_database(),
        active => p_is_active
    );
end;
$$;
comment on function plumb.put_on_cron(text, text, text, boolean) is
'Create or update one of our pg_cron jobs; it runs as plumb_worker.';
revoke execute on function plumb.put_on_cron(text, text, text, boolean) from public;
grant execute on function plumb.put_on_cron(text, text, text, boolean) to plumb_owner;
