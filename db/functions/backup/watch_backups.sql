-- Looks for problems with backups that no process would report: a run that was killed, a backup
-- that became too old, a page with a wrong checksum.
create or replace function plumb.watch_backups()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lost text;
begin
    for v_lost in
        select b.backup_name
        from plumb.backups as b
        where
            b.status = 'running'
            -- A run keeps its claim for as long as it lives.
            and not plumb.is_claimed('backup')
    loop
        perform plumb.fail_backup(v_lost, 'its process ended before it did');
    end loop;
    return concat_ws(
        '; ', plumb.judge_backup_age(), plumb.check_page_checksums(), plumb.check_indexes()
    );
end;
$$;
comment on function plumb.watch_backups() is
'Find runs that died and backups that are too old; check pages and indexes. Says what it found.';
grant execute on function plumb.watch_backups() to plumb_worker;
