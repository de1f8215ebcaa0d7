-- Returns where a seal was made. A restored copy, a clone and a promoted standby each differ in
-- one.
create or replace function plumb.seal_origin()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        '%s/%s/%s',
        s.system_identifier,
        d.oid,
        ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer
    )
    from pg_control_system() as s
    cross join pg_database as d
    where d.datname = current_database()
$$;
comment on function plumb.seal_origin() is 'system identifier/database oid/timeline.';
