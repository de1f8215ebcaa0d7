-- pg_stat_statements for this database, wherever its extension lives; empty without it.
create or replace function plumb.current_statements()
returns table (queryid bigint, query text, calls bigint, total_ms double precision)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_source text;
begin
    select format('%I.pg_stat_statements', n.nspname) into v_source
    from pg_extension as e
    inner join pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'pg_stat_statements';
    if v_source is null then
        return;
    end if;
    return query execute format(
        'select s.queryid, min(s.query), sum(s.calls)::bigint, sum(s.total_exec_time) '
        'from %s as s inner join pg_catalog.pg_database as d on d.oid = s.dbid '
        'where d.datname = current_database() and s.queryid is not null '
        -- Our own cost is measured by job_runs.
        'and s.query not like ''%%plumb.%%'' group by s.queryid',
        v_source
    );
end;
$$;
comment on function plumb.current_statements() is
'Each normalised statement with its calls and total execution time in ms since the counters began.';
