-- pg_stat_statements for this database, wherever its extension lives; empty without it. Our own
-- statements are left out: job_runs measures those.
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
    where e.extname = 'pg_stat_statements';
    if not found then
        return;
    end if;
    return query execute format(
        'select s.queryid, min(s.query), sum(s.calls)::bigint, sum(s.total_exec_time) '
        'from %I.pg_stat_statements as s '
        'inner join pg_catalog.pg_database as d on d.oid = s.dbid '
        'where d.datname = current_database() and s.queryid is not null '
        'and s.query not like ''%%plumb.%%'' group by s.queryid',
        v_schema
    );
end;
$$;
comment on function plumb.current_statements() is
'Each normalised statement with its calls and total execution time in ms since the counters began.';
