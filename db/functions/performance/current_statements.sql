-- Returns pg_stat_statements for this database, in whatever schema its extension is; empty without
-- it. Statements of our own roles are left out: job_runs measures them.
create or replace function plumb.current_statements()
returns table (queryid bigint, query text, calls bigint, total_ms double precision)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schema name;
begin
    select n.nspname into v_schema
    from pg_extension as e
    inner join pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements' and has_schema_privilege(n.oid, 'usage');
    if not found then
        return;
    end if;
    return query execute format(
        'select s.queryid, min(s.query), sum(s.calls)::bigint, sum(s.total_exec_time) '
        'from %I.pg_stat_statements as s '
        'inner join pg_catalog.pg_database as d on d.oid = s.dbid '
        'left join pg_catalog.pg_roles as r on r.oid = s.userid '
        'where d.datname = current_database() and s.queryid is not null '
        'and (r.rolname <> all(%L::name[])) is not false '
        'group by s.queryid',
        v_schema,
        array(select r.rolname from pg_roles as r where r.rolname like 'plumb\_%')
    );
end;
$$;
comment on function plumb.current_statements() is
'Each normalised statement with its calls and total execution time in ms since the counters began.';
