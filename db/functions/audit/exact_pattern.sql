-- Returns a pattern for the values of a type that to_jsonb() does not tell from other values, as
-- the type prints them: -0 of floating-point numbers, the null of JSON, arrays whose numbers do not
-- begin at 1, and all of a type json or with a cast to json. Null: the JSON says everything. What
-- is inside arrays and composite types is found as well; there, a pattern may match more than need
-- be, which costs nothing but space.
create or replace function plumb.exact_pattern(p_type oid)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    with recursive parts as (
        select p_type::bigint as type, true as is_whole
        union
        select x.type, p.is_whole and d.form = 'domain'
        from parts as p
        cross join lateral plumb.describe_type(p.type::oid) as d
        cross join lateral (
            select d.base as type
            where d.form in ('domain', 'array')
            union all
            select c.type from unnest(d.column_types) as c (type) where d.form = 'composite'
        ) as x
    ),

    patterns as (
        select case
            when p.type = 'json'::regtype or d.form = 'cast' then ''
            when p.type in ('float4'::regtype, 'float8'::regtype) then '-0(?![0-9.])'
            when p.type = 'jsonb'::regtype and p.is_whole then '^null$'
            when p.type = 'jsonb'::regtype then 'null'
            when d.form = 'array' then '\]='
        end as pattern
        from parts as p
        cross join lateral plumb.describe_type(p.type::oid) as d
    )

    select case
        when bool_or(p.pattern = '') then ''
        else string_agg(distinct p.pattern, '|' order by p.pattern)
    end
    from patterns as p
$$;
comment on function plumb.exact_pattern(oid) is
'A pattern for the texts of a type that JSON does not tell apart, null when it tells them all.';
