-- Renders a rule that finds a number which is not above the one before it, or, where no gaps are
-- allowed, one whose predecessor is missing. A deleted row leads to its successor by the number
-- that is missing now.
create or replace function plumb.rule_monotonic(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select case
        when (p_arguments ->> 'is_gapless')::boolean
            then plumb.row_rule(
                p_arguments,
                format(
                    'exists (select from %1$so.%2$I < t.%2$I)'
                    ' and not exists (select from %1$so.%2$I = t.%2$I - 1)',
                    plumb.rule_others(p_arguments),
                    n.name
                ),
                plumb.rule_label(n.name) || ' is %s, but %s is missing',
                format('t.%1$I, t.%1$I - 1', n.name),
                jsonb_build_array(
                    jsonb_build_array('number', format('t.%I', n.name), n.type, 'The number.'),
                    jsonb_build_array(
                        'missing',
                        format('(t.%I - 1)::%s', n.name, n.type),
                        n.type,
                        'The number before it.'
                    )
                ),
                format(
                    'The numbers %s of %s have no gap%s', n.name, p_arguments ->> 'table', g.groups
                ),
                jsonb_build_array(
                    jsonb_build_array(p_arguments ->> 'table', n.name, 'number'),
                    jsonb_build_array(p_arguments ->> 'table', n.name, 'missing')
                ),
                jsonb_build_array(
                    jsonb_build_array(
                        p_arguments ->> 'table',
                        coalesce(p_arguments -> 'groups', '[]') || jsonb_build_array(n.name)
                    )
                )
            )
        else plumb.row_rule(
            p_arguments,
            format('t.%I <= (%s)', n.name, b.before),
            plumb.rule_label(n.name) || ' is %s after %s',
            format('t.%I, (%s)', n.name, b.before),
            jsonb_build_array(
                jsonb_build_array('number', format('t.%I', n.name), n.type, 'The number.')
            ),
            format(
                'The numbers %s of %s grow with %s%s',
                n.name,
                p_arguments ->> 'table',
                n.order_name,
                g.groups
            ),
            null,
            jsonb_build_array(
                jsonb_build_array(
                    p_arguments ->> 'table',
                    coalesce(p_arguments -> 'groups', '[]') || jsonb_build_array(n.order_name)
                )
            )
        )
    end
    from (
        select
            a.attname::text as name,
            format_type(a.atttypid, null) as type,
            coalesce(p_arguments ->> 'order', p_arguments -> 'key' ->> 0) as order_name
        from pg_attribute as a
        where
            a.attrelid = plumb.find_relation(p_arguments ->> 'table')
            and a.attname = p_arguments ->> 'column'
    ) as n
    cross join (
        select coalesce(' in each ' || string_agg(c.name, ', '), '') as groups
        from jsonb_array_elements_text(p_arguments -> 'groups') as c (name)
    ) as g
    cross join lateral (
        select format(
            'select o.%1$I from %2$so.%3$I < t.%3$I order by o.%3$I desc limit 1',
            n.name,
            plumb.rule_others(p_arguments),
            n.order_name
        ) as before
    ) as b
$$;
comment on function plumb.rule_monotonic(jsonb) is
'The text of a rule by which numbers grow, or have no gap.';
