-- Returns the pattern of plumb.exact_pattern() for each column of a table that has one.
create or replace function plumb.exact_patterns(p_relation regclass)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_object_agg(a.attname, p.pattern), '{}')
    from pg_attribute as a
    cross join lateral plumb.exact_pattern(a.atttypid) as p (pattern)
    where
        a.attrelid = p_relation and a.attnum > 0 and not a.attisdropped and p.pattern is not null
$$;
comment on function plumb.exact_patterns(regclass) is
'{"column": "pattern"} of the columns whose values JSON does not tell apart.';
