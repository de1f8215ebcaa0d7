-- Lists the tables that must refuse writes in safe mode, by OID: those of the guarded schemas,
-- those that a person guarded, those that carry the guard under whatever name, and the partitions,
-- parents and children of all of these. Names are judged in guarded schemas only: judging those of
-- the whole catalog cost each DDL command of an application 40 ms. Without JIT: the planner takes
-- the recursion for large, and compiling it cost each of them half a second.
create or replace function plumb.guarded_relations()
returns table (relation oid)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    with recursive in_guarded_schemas as materialized (
        select
            c.oid,
            c.relname
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        where
            n.nspname = any((select plumb.guarded_schemas())::text[])
            and c.relkind in ('r', 'p', 'f')
    ),

    family (relation) as (
        (
            select c.oid
            from in_guarded_schemas as c
            where
                not plumb.is_left_out(c.relname)
                and not exists (
                    select from pg_depend as d
                    where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
                )
            union
            select g.relation_id
            from plumb.guarded_tables as g
            where g.relation_id is not null
            union
            select t.tgrelid
            from pg_trigger as t
            where t.tgfoid = 'plumb.tg_refuse_in_safe_mode()'::regprocedure
        )
        union
        select case i.inhparent when f.relation then i.inhrelid else i.inhparent end
        from family as f
        inner join pg_inherits as i on f.relation in (i.inhparent, i.inhrelid)
    )

    select f.relation
    from family as f
    inner join pg_class as c on c.oid = f.relation
    where
        c.relkind in ('r', 'p', 'f')
        and c.relpersistence <> 't'
        and c.relnamespace not in ('plumb'::regnamespace, 'pg_catalog'::regnamespace)
$$;
comment on function plumb.guarded_relations() is
'The OIDs of all tables that must refuse writes in safe mode.';
revoke execute on function plumb.guarded_relations() from public;
grant execute on function plumb.guarded_relations() to plumb_reader;
