-- Returns what the triggers of a table are told of the columns whose values JSON does not tell
-- apart, for plumb.recorded_exactly(); empty when there are none that the log has.
create or replace function plumb.exact_arguments(
    p_member regclass, p_patterns jsonb, p_hidden text[]
)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with columns as (
        select c.place, c.name, p.pattern
        from (
            select a.attname::text as name, row_number() over (order by a.attnum) as place
            from pg_attribute as a
            where a.attrelid = p_member and a.attnum > 0 and not a.attisdropped
        ) as c
        inner join jsonb_each_text(p_patterns) as p (name, pattern) on p.name = c.name
        where c.name <> all(p_hidden)
    ),

    whole as (
        select case
            when bool_or(c.pattern = '') then ''
            else string_agg(
                distinct case c.pattern when '^null$' then '[(,]null[,)]' else c.pattern end, '|'
            )
        end as pattern
        from columns as c
    )

    select array_remove(
        w.pattern || array(
            select t.text
            from columns as c
            cross join lateral unnest(array[c.name, c.place::text, c.pattern])
                with ordinality as t (text, number)
            order by c.place, t.number
        ),
        null
    )
    from whole as w
$$;
comment on function plumb.exact_arguments(regclass, jsonb, text[]) is
'The pattern of a row that holds what JSON does not tell apart, and name, place, pattern of each.';
