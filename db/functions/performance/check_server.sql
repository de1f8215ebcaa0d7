-- Calls every declared check of the server, one after the other, by its name. What the installing
-- role may not look at, where that is no superuser, is unknown, and stops no other check.
create or replace function plumb.check_server()
returns setof plumb.database_check
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
begin
    for v_name in select d.check_name from plumb.declared_checks as d order by d.check_name loop
        begin
            return query execute format('select c.* from plumb.%I() as c', 'check_' || v_name);
        exception when insufficient_privilege then
            return query
            select c.*
            from plumb.judge_check(
                v_name,
                null,
                '',
                sqlerrm,
                'Let the role that installed Plumbline have pg_monitor, or watch it from outside.'
            ) as c;
        end;
    end loop;
end;
$$;
comment on function plumb.check_server() is
'Every check of the server, a row each: status, value, threshold, unit, why and what to do.';
grant execute on function plumb.check_server() to plumb_reader;
