-- Takes the views of invariants out of the way of a command that changes a table: a column that a
-- view names can neither change its type nor be dropped. The view becomes an empty one with the
-- same columns, so that its rights and what reads it stay; plumb.put_back_views() makes it whole
-- when the command has ended. Views that rules are made of never stand in the way.
--
-- The text of a command may name any table, and a view that steps aside is locked until the
-- transaction ends, so only those of tables step aside that the session may alter. Its text is
-- parsed anew when it comes back, which runs conditions of domains where it has literals of ranges,
-- rows or arrays: that must be possible with the rights of its owner, and the view of a superuser
-- has no such literal of a type of others.
-- Runs as the superuser, for the views are not ours.
reset role;
create or replace function plumb.set_aside_views(p_query text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_view record;
    v_definition text;
    v_count bigint := 0;
begin
    for v_view in
        select
            i.name as invariant,
            c.oid as view_id,
            c.reloptions,
            (
                select string_agg(
                    format(
                        'null::%s%s as %I',
                        format_type(a.atttypid, a.atttypmod),
                        case
                            when a.attcollation <> t.typcollation
                                then format(' collate %s', a.attcollation::regcollation)
                        end,
                        a.attname
                    ),
                    ', ' order by a.attnum
                )
                from pg_attribute as a
                inner join pg_type as t on t.oid = a.atttypid
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            ) as columns
        from plumb.invariants as i
        inner join pg_class as c on c.oid = plumb.find_relation(i.view_name) and c.relkind = 'v'
        inner join pg_roles as r on r.oid = c.relowner
        where
            not exists (select from plumb.rules as r where r.invariant = i.name)
            and not exists (select from plumb.set_aside_views as s where s.invariant = i.name)
            and exists (
                select from pg_rewrite as w
                inner join pg_depend as d
                    on d.classid = 'pg_rewrite'::regclass
                    and d.objid = w.oid
                    and d.refclassid = 'pg_class'::regclass
                inner join pg_class as o
                    on o.oid = d.refobjid and o.relkind in ('r', 'p', 'f') and o.oid <> c.oid
                where
                    w.ev_class = c.oid
                    and strpos(lower(p_query), lower(o.relname)) > 0
                    and pg_has_role(session_user, o.relowner, 'member')
            )
            and case
                when r.rolsuper then not plumb.has_literals_of_others(c.oid)
                else has_schema_privilege(c.relowner, c.relnamespace, 'create')
            end
        order by i.name
    loop
        v_definition := rtrim(pg_get_viewdef(v_view.view_id), ';');
        execute format(
            'create or replace view %s as select %s where false',
            v_view.view_id::regclass,
            v_view.columns
        );
        insert into plumb.set_aside_views as s (invariant, definition, placeholder, options)
        values (
            v_view.invariant,
            v_definition,
            pg_get_viewdef(v_view.view_id),
            v_view.reloptions
        );
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.set_aside_views(text) is
'Make views of invariants empty that read a table which a command names; returns how many.';
revoke execute on function plumb.set_aside_views(text) from public;
grant execute on function plumb.set_aside_views(text) to plumb_owner;
