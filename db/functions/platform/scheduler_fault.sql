-- Returns what keeps pg_cron from starting jobs here, although they are on its schedule, be it here
-- or in another database of the server. PostgreSQL does not restart a launcher that was ended, and
-- nothing else would say so. Who may see neither settings nor sessions of the server cannot tell;
-- that jobs are late is seen all the same. In PL/pgSQL because each health request asks: its plan
-- is kept.
create or replace function plumb.scheduler_fault()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when
            not exists (select from pg_extension as e where e.extname = 'pg_cron')
            and plumb.setting('cron_database') = ''
            then null
        when
            not pg_has_role('pg_read_all_settings', 'usage')
            or not pg_has_role('pg_read_all_stats', 'usage')
            then null
        when lower(current_setting('cron.launch_active_jobs', true)) in ('off', 'false', 'no', '0')
            then 'cron.launch_active_jobs is off'
        when
            current_setting('cron.database_name', true)
            is distinct from coalesce(
                nullif(plumb.setting('cron_database'), ''), current_database()
            )
            then format(
                'pg_cron works for database %I (cron.database_name), not for %I',
                current_setting('cron.database_name', true),
                coalesce(nullif(plumb.setting('cron_database'), ''), current_database())
            )
        when not exists (
            select from pg_stat_get_activity(null) as a
            where a.backend_type = 'pg_cron launcher'
        )
            then 'the launcher of pg_cron is gone, and comes back only when the server restarts'
        -- It starts the next job a minute after the newest, by the clock of that time.
        when exists (
            select
            from (
                select r.started_at, r.started_by
                from plumb.job_runs as r
                order by r.job_run_id desc
                limit 1
            ) as n
            cross join pg_stat_get_activity(null) as a
            where
                n.started_at > plumb.current_time() + interval '1 minute'
                and n.started_by = 'pg_cron'
                and a.backend_type = 'pg_cron launcher'
                and not plumb.is_recent(a.backend_start, interval '2 minutes')
        )
            then 'the clock was set back, and pg_cron starts no job until it is where it was, or'
                ' the server restarts'
    end;
end;
$$;
comment on function plumb.scheduler_fault() is
'Why pg_cron starts no job in this database; null when it does, or is not installed here.';
grant execute on function plumb.scheduler_fault() to plumb_reader;
