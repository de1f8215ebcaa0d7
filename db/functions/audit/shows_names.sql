-- Returns whether values of a type, or a part of them, are printed by the name of another object:
-- of a regclass, a regrole. Such a value prints otherwise as soon as that object is renamed,
-- though its row is as it was.
create or replace function plumb.shows_names(p_type oid)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with recursive part (type) as (
        select p_type
        union
        select n.type
        from part as p
        inner join pg_type as t on t.oid = p.type
        cross join lateral (
            select t.typbasetype where t.typtype = 'd'
            union all
            select t.typelem where t.typsubscript = 'array_subscript_handler'::regproc
            union all
            select r.rngsubtype from pg_range as r where t.oid in (r.rngtypid, r.rngmultitypid)
            union all
            select a.atttypid from pg_attribute as a
            where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
        ) as n (type)
    )

    select exists (
        select from part as p
        where
            p.type = any(array[
                'aclitem', 'regclass', 'regcollation', 'regconfig', 'regdictionary', 'regnamespace',
                'regoper', 'regoperator', 'regproc', 'regprocedure', 'regrole', 'regtype'
            ]::regtype [])
    )
$$;
comment on function plumb.shows_names(oid) is
'Whether values of a type hold names of other objects, which change without the row.';
revoke execute on function plumb.shows_names(oid) from public;
