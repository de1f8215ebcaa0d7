-- Measures the age of the oldest WAL file that is ready and not archived: it shows an archiver that
-- fails as well as one that hangs. WAL that cannot be archived fills the disk and breaks
-- point-in-time recovery.
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
            when current_setting('archive_mode') = 'off' then 0
            else greatest(extract(epoch from plumb.current_time() - w.oldest_at), 0)
        end,
        's',
        case
            when current_setting('archive_mode') = 'off' then 'archiving is off'
            else format(
                '%s, last archived %s, last failed %s',
                plumb.counted(w.file_count, 'file waits', 'files wait'),
                coalesce(a.last_archived_wal, 'none'),
                coalesce(a.last_failed_wal, 'none')
            )
        end,
        'Read the server log for the archive_command''s error.'
    )
    from pg_stat_archiver as a
    cross join (
        select count(*) as file_count, min(f.modification) as oldest_at
        from pg_ls_archive_statusdir() as f
        where f.name like '%.ready'
    ) as w
$$;
comment on function plumb.check_wal_archiving() is
'How long the oldest finished WAL file has waited for the archive, in seconds; 0 when off.';
grant execute on function plumb.check_wal_archiving() to plumb_reader;
