-- Makes the views of invariants whole again that were set aside for a command. One that cannot be
-- read any more stays empty, with the reason, and its invariant is unknown; it is tried again after
-- a command on a table that it names and its owner may read. What is tried is taken from the list
-- first, for making a view is a command as well.
-- Runs as the superuser, for the views are not ours.
reset role;
create or replace function plumb.put_back_views()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_view record;
    v_command text;
    v_fault text;
    v_count bigint := 0;
begin
    for v_view in
        with tried as (
            delete from plumb.set_aside_views as s
            using plumb.invariants as i
            left join pg_class as c on c.oid = plumb.find_relation(i.view_name)
            where
                i.name = s.invariant
                and (
                    s.fault is null
                    or (pg_get_viewdef(c.oid) = s.placeholder) is not true
                    or exists (
                        select from pg_event_trigger_ddl_commands() as d
                        inner join pg_class as o
                            on d.classid = 'pg_class'::regclass and o.oid = d.objid
                        where
                            strpos(s.definition, quote_ident(o.relname)) > 0
                            and has_table_privilege(c.relowner, o.oid, 'select')
                    )
                )
            returning
                s.*,
                i.view_name,
                c.oid as view_id,
                -- Not where it was dropped or made anew meanwhile.
                pg_get_viewdef(c.oid) = s.placeholder as is_aside
        )

        select t.* from tried as t order by t.invariant
    loop
        v_fault := null;
        v_command := format(
            '%s%s as %s',
            v_view.view_name,
            ' with (' || array_to_string(v_view.options, ', ') || ')',
            v_view.definition
        );
        begin
            if v_view.is_aside then
                perform plumb.create_view(
                    v_view.view_id::regclass, 'create or replace view ' || v_command
                );
            end if;
        exception
            -- A column of it has another type now.
            when invalid_table_definition then
                begin
                    perform plumb.renew_view(v_view.view_id::regclass, 'create view ' || v_command);
                exception
                    when assert_failure or others then v_fault := sqlerrm;
                end;
            when assert_failure or others then v_fault := sqlerrm;
        end;
        if v_fault is null then
            v_count := v_count + 1;
        else
            insert into plumb.set_aside_views as s (
                invariant, definition, placeholder, options, fault
            )
            values (
                v_view.invariant,
                v_view.definition,
                v_view.placeholder,
                v_view.options,
                v_fault
            );
        end if;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.put_back_views() is
'Make views of invariants whole that were set aside for DDL; returns how many.';
revoke execute on function plumb.put_back_views() from public;
grant execute on function plumb.put_back_views() to plumb_owner;
