-- Lists the types whose change would change what the rows of guarded tables say: those of their
-- columns, and what these are made of.
create or replace function plumb.guarded_types()
returns table (type oid)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with recursive used (type) as (
        select t.type
        from plumb.guarded_relations() as r
        cross join lateral (
            select a.atttypid as type
            from pg_attribute as a
            where a.attrelid = r.relation and a.attnum > 0 and not a.attisdropped
            union all
            select c.reloftype
            from pg_class as c
            where c.oid = r.relation and c.reloftype <> 0
        ) as t
        union
        select p.type
        from used as u
        inner join pg_type as t on t.oid = u.type
        cross join lateral (
            select t.typelem as type
            union all
            select t.typbasetype
            union all
            select a.atttypid
            from pg_attribute as a
            where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
            union all
            select unnest(array[g.rngsubtype, g.rngtypid])
            from pg_range as g
            where t.oid in (g.rngtypid, g.rngmultitypid)
        ) as p
        where p.type <> 0
    )

    select u.type from used as u
$$;
comment on function plumb.guarded_types() is
'The OIDs of all types that columns of guarded tables are made of.';
revoke execute on function plumb.guarded_types() from public;
