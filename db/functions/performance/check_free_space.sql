-- Measures free disk space: a full disk stops every write. It reads each file system that holds
-- data, WAL, logs, tablespaces, backups or anchors, as far as the server's account can see it.
create or replace function plumb.check_free_space()
returns plumb.database_check
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_paths text [];
    v_percent numeric;
    v_why text;
begin
    if to_regprocedure('plumb.py_read_free_space(text[])') is null then
        return plumb.judge_check(
            'free_space', null, '%', 'only PL/Python can ask the operating system',
            'Install plpython3u and run ./plumb migrate, or watch the disk from outside.'
        );
    end if;
    v_paths := array(
        select p.path
        from (
            select current_setting('data_directory') as path
            union
            select current_setting('data_directory') || '/pg_wal'
            union
            select case
                when current_setting('log_directory') like '/%'
                    then current_setting('log_directory')
                else format(
                    '%s/%s', current_setting('data_directory'), current_setting('log_directory')
                )
            end
            union
            select nullif(pg_tablespace_location(t.oid), '') from pg_tablespace as t
            union
            select nullif(plumb.setting('audit_anchor_dir'), '')
            union
            (
                select substring(b.location from '^(/.*)/[^/]+/?$')
                from plumb.backups as b
                where b.location like '/%'
                order by b.started_at desc
                limit 1
            )
        ) as p
        where p.path is not null
    );
    execute
        'select max(f.used_percent), string_agg(format(''%s%% used, %s free: %s'','
        ' round(f.used_percent::numeric), pg_size_pretty(f.free_bytes), f.paths), ''; '''
        ' order by f.used_percent desc) from plumb.py_read_free_space($1) as f'
    into v_percent, v_why
    using v_paths;
    return plumb.judge_check(
        'free_space',
        v_percent,
        '%',
        coalesce(v_why, 'no file system can be looked at'),
        'Free or add space before writes fail: old backups, logs, replication slots that hold WAL.'
    );
end;
$$;
comment on function plumb.check_free_space() is
'Used percent of the fullest file system that the database needs, space or files.';
grant execute on function plumb.check_free_space() to plumb_reader;
