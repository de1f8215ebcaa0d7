-- Removes statements that code of others prepared while we ran it. It runs as a statement of the
-- client, so whatever was prepared by SQL since that statement began is not the client's. What it
-- finds is an error, but the removal outlives the error.
create or replace function plumb.refuse_prepared()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
    v_names text [] := array[]::text [];
begin
    for v_name in
        select s.name
        from pg_prepared_statements as s
        where s.from_sql and s.prepare_time >= statement_timestamp()
    loop
        execute format('deallocate %I', v_name);
        v_names := v_names || v_name;
    end loop;
    if v_names <> '{}' then
        raise exception 'code of others prepared the statements %', v_names
            using errcode = 'PL007',
            hint = 'They were removed. Look at the functions that the owner of the relation'
            ' attached to it: indexes, statistics, domains, views.';
    end if;
end;
$$;
comment on function plumb.refuse_prepared() is
'Remove statements that were prepared since the client''s statement began, and raise PL007.';
grant execute on function plumb.refuse_prepared() to plumb_inspector;
