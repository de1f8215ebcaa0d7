-- Counts the settings of role plumb_worker that differ from those of this release. The jobs run in
-- its sessions: another value changes sealing, checking and alerting without any sign.
create or replace function plumb.check_worker_settings()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'worker_settings',
        count(*),
        'settings',
        coalesce(
            'not as the jobs need them: ' || string_agg(s.name, ', ' order by s.name),
            'as the jobs need them'
        ),
        coalesce(
            left(string_agg(s.command || ';', ' ' order by s.name), 2000),
            ''
        )
        || ' Or ./plumb migrate, which sets them all.'
    )
    from plumb.unset_worker_settings() as s
$$;
comment on function plumb.check_worker_settings() is
'Number of settings of the jobs'' role that were changed or removed.';
grant execute on function plumb.check_worker_settings() to plumb_reader;
