-- Records failed logins to PostgreSQL itself. Blocks do not reach them (pg_hba.conf does), but
-- their address is blocked for HTTP, and an incident opens.
create or replace function plumb.read_server_log()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_mode constant text := plumb.setting('server_log_reading');
    v_now constant timestamptz := plumb.current_time();
    v_position plumb.server_log_position;
    v_read jsonb;
    v_failed jsonb;
begin
    if
        v_mode = 'off'
        or v_mode = 'auto'
        and (
            current_setting('log_destination') !~ 'jsonlog'
            or current_setting('logging_collector') <> 'on'
            or to_regprocedure('plumb.py_read_server_log(text, bigint, bigint, bigint)') is null
        )
    then
        return '';
    end if;
    select p.* into v_position from plumb.server_log_position as p;
    execute 'select plumb.py_read_server_log($1, $2, $3, $4)'
    into v_read
    using
        v_position.file_name,
        v_position.inode,
        v_position.byte_offset,
        plumb.setting_number('server_log_bytes_max')::bigint;
    if v_read is null then
        return 'the server writes no JSON log';
    end if;
    insert into plumb.server_log_position as p (file_name, inode, byte_offset, read_at)
    values (
        v_read ->> 'fileName',
        (v_read ->> 'inode')::bigint,
        (v_read ->> 'byteOffset')::bigint,
        v_now
    )
    on conflict (id) do update
    set
        file_name = excluded.file_name,
        inode = excluded.inode,
        byte_offset = excluded.byte_offset,
        read_at = excluded.read_at;

    execute 'select plumb.py_failed_logins($1)' into v_failed using v_read ->> 'lines';
    insert into plumb.security_events (
        kind, severity, client, actor, details, event_count, occurred_at
    )
    select
        'failed_database_login',
        'P4',
        plumb.client_key(f.client),
        left(format('%s@%s', f.account, f.database), 200),
        jsonb_build_object('lastAt', max(f.at)),
        count(*),
        v_now
    from jsonb_to_recordset(v_failed) as f (
        client text, account text, database text, at text
    )
    group by plumb.client_key(f.client), f.account, f.database;
    perform plumb.judge_client(f.client, 'failed_database_login')
    from (
        select distinct r.client
        from jsonb_to_recordset(v_failed) as r (client text)
    ) as f;
    return '';
exception
    -- A log that cannot be read must not keep the scan from everything else it looks at.
    when others then return sqlerrm;
end;
$$;
comment on function plumb.read_server_log() is
'Record failed logins from the server''s JSON log; returns what went wrong, or an empty text.';
