-- Guards each table that comes into a guarded schema, from its first row, and each that becomes a
-- partition, parent or child of a guarded table. Follows guarded tables that are renamed, moved, or
-- dropped and created anew.
reset role;
create or replace function plumb.tg_guard_new_tables()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_relation oid;
begin
    perform plumb.follow_guarded_tables();
    if tg_tag like '%SUBSCRIPTION' or tg_tag = 'ALTER SCHEMA' then
        for v_relation in
            select r.relation
            from plumb.guarded_relations() as r
            where not plumb.has_guard(r.relation)
        loop
            perform plumb.attach_guard(v_relation);
        end loop;
        return;
    end if;
    for v_relation in
        select distinct f.relation
        from pg_event_trigger_ddl_commands() as d
        cross join lateral plumb.table_family(d.objid) as f
        inner join pg_class as c on c.oid = f.relation
        inner join pg_namespace as n on n.oid = c.relnamespace
        where
            d.classid = 'pg_class'::regclass
            and f.relation in (select r.relation from plumb.guarded_relations() as r)
            and (
                n.nspname = any((select plumb.guarded_schemas())::text[])
                -- A guard that was damaged elsewhere is reported, and repaired by a person.
                or f.relation not in (
                    select g.relation_id
                    from plumb.guarded_tables as g
                    where g.relation_id is not null
                )
            )
    loop
        perform plumb.attach_guard(v_relation);
    end loop;
end;
$$;
comment on function plumb.tg_guard_new_tables() is
'Guard tables that come into a guarded schema or family, and follow those that are renamed.';
revoke execute on function plumb.tg_guard_new_tables() from public;
