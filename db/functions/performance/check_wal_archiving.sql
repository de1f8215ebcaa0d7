-- WAL that cannot be archived fills the disk and breaks point-in-time recovery. The last failure
-- counts only while no success followed it.
create or replace function plumb.check_wal_archiving()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'wal_archiving',
        case
            when
                current_setting('archive_mode') <> 'off'
                and a.last_failed_time > coalesce(a.last_archived_time, '-infinity')
                then extract(epoch from now() - coalesce(a.last_archived_time, a.stats_reset))
            else 0
        end,
        's',
        case
            when current_setting('archive_mode') = 'off' then 'archiving is off'
            else format('last archived %s, last failed %s', a.last_archived_wal, a.last_failed_wal)
        end,
        'Read the server log for the archive_command''s error.'
    )
    from pg_stat_archiver as a
$$;
comment on function plumb.check_wal_archiving() is
'Seconds since archiving last failed without a success after it; 0 when it works or is off.';
grant execute on function plumb.check_wal_archiving() to plumb_reader;
