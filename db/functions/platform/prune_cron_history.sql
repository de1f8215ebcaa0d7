-- Removes pg_cron's own rows about our runs, which pg_cron keeps for ever. job_runs has them as
-- well; the table belongs to the superuser and has no index but its key, hence the walk by runid.
reset role;
create or replace function plumb.prune_cron_history()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint := 0;
begin
    if to_regclass('cron.job_run_details') is not null then
        delete from cron.job_run_details as d
        where
            d.command like 'call plumb.%'
            and d.runid < (
                select max(l.runid) - plumb.setting_number('cron_history_rows_max')::bigint
                from cron.job_run_details as l
            );
        get diagnostics v_count = row_count;
    end if;
    return v_count;
end;
$$;
comment on function plumb.prune_cron_history() is
'Delete pg_cron''s own history of our jobs but for the newest rows; returns how many went.';
revoke execute on function plumb.prune_cron_history() from public;
grant execute on function plumb.prune_cron_history() to plumb_owner;
