-- Returns what a table's rows are made of, to notice when that changes.
create or replace function plumb.audit_column_types(p_relation regclass)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select coalesce(
        jsonb_object_agg(
            a.attname,
            format_type(a.atttypid, a.atttypmod)
            || case when m.has_missing then ' with a value in old rows' else '' end
        ),
        '{}'
    )
    from pg_attribute as a
    -- A partitioned table has no rows: its partitions know.
    cross join lateral (
        select exists (
            select from plumb.audit_members(p_relation) as p
            inner join pg_attribute as o on o.attrelid = p.member and o.attname = a.attname
            where o.atthasmissing and not o.attisdropped
        ) as has_missing
    ) as m
    where a.attrelid = p_relation and a.attnum > 0 and not a.attisdropped
$$;
comment on function plumb.audit_column_types(regclass) is '{"column": "type"} of a table.';
