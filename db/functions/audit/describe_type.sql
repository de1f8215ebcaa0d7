-- Returns how to_jsonb() prints a type that is not built into it, in the order in which it decides:
-- through the base type of a domain, the elements of an array, the columns of a composite type, a
-- cast to json, and otherwise as a string.
create or replace function plumb.describe_type(
    p_type oid,
    out form text,
    out base bigint,
    out delimiter text,
    out type_name text,
    out column_names text[],
    out column_types bigint[]
)
returns setof record
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select
        case
            when t.typtype = 'd' then 'domain'
            when e.oid is not null then 'array'
            when t.typrelid <> 0 then 'composite'
            when
                t.oid >= 16384
                and exists (
                    select from pg_cast as c
                    where
                        c.castsource = t.oid
                        and c.casttarget = 'json'::regtype
                        and c.castmethod = 'f'
                )
                then 'cast'
            else 'string'
        end,
        case when t.typtype = 'd' then t.typbasetype else e.oid end::bigint,
        e.typdelim::text,
        format_type(t.oid, null),
        a.names,
        a.types
    from pg_type as t
    left join pg_type as e
        on e.oid = t.typelem and t.typsubscript = 'array_subscript_handler'::regproc
    cross join lateral (
        select
            coalesce(array_agg(a.attname::text order by a.attnum), '{}') as names,
            coalesce(array_agg(a.atttypid::bigint order by a.attnum), '{}') as types
        from pg_attribute as a
        where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ) as a
    where t.oid = p_type
$$;
comment on function plumb.describe_type(oid) is
'How to_jsonb() makes JSON of a type''s values: domain, array, composite, cast or string.';
