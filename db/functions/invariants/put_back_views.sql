-- Makes the views of invariants whole again that were set aside for a command. One that cannot be
-- read any more stays empty, with the reason, and its invariant is unknown; it is tried again after
-- each later command.
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
    v_fault text;
    v_count bigint := 0;
begin
    for v_view in
        select
            s.invariant,
            c.oid as view_id,
            -- Not where somebody dropped it or made it anew meanwhile.
            pg_get_viewdef(c.oid) = s.placeholder as is_aside,
            format(
                '%s%s as %s',
                i.view_name,
                ' with (' || array_to_string(s.options, ', ') || ')',
                s.definition
            ) as command
        from plumb.set_aside_views as s
        inner join plumb.invariants as i on i.name = s.invariant
        left join pg_class as c on c.oid = plumb.find_relation(i.view_name)
        order by s.invariant
    loop
        v_fault := null;
        begin
            if v_view.is_aside then
                execute 'create or replace view ' || v_view.command;
            end if;
        exception
            -- A column of it has another type now.
            when invalid_table_definition then
                begin
                    perform plumb.renew_view(
                        v_view.view_id::regclass, 'create view ' || v_view.command
                    );
                exception
                    when others then v_fault := sqlerrm;
                end;
            when others then v_fault := sqlerrm;
        end;
        if v_fault is null then
            delete from plumb.set_aside_views as s where s.invariant = v_view.invariant;
            v_count := v_count + 1;
        else
            update plumb.set_aside_views as s
            set fault = v_fault
            where s.invariant = v_view.invariant and s.fault is distinct from v_fault;
        end if;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.put_back_views() is
'Make views of invariants whole that were set aside for DDL; returns how many.';
revoke execute on function plumb.put_back_views() from public;
grant execute on function plumb.put_back_views() to plumb_owner;
