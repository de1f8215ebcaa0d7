-- Renders a rule that compares an amount of a row with the sum of its children. One grouping over
-- both tables, so that a filter on the key reaches the indexes of both, and a deep scan reads each
-- table once. Without a child both amounts are the row's own.
create or replace function plumb.sum_rule(
    p_arguments jsonb,
    p_amount text,
    p_comparison text,
    p_is_lone_child_wrong boolean,
    p_description text
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select case
        when p_arguments ->> 'child' is null
            then plumb.row_rule(
                p_arguments,
                format(p_comparison, e.amount, e.child_amount),
                n.amount || ' is %s, but ' || n.child_amount || ' is %s',
                format('%s, %s', e.amount, e.child_amount),
                jsonb_build_array(
                    jsonb_build_array(
                        'stated',
                        e.amount,
                        'numeric',
                        format('What %s says.', p_arguments ->> p_amount)
                    ),
                    jsonb_build_array(
                        'counted', e.child_amount, 'numeric', 'What it is compared with.'
                    )
                ),
                p_description
            )
        else jsonb_build_object(
            'columns', jsonb_build_array(
                jsonb_build_array(
                    'subject', k.key ->> 'type', format('The key of the row of %s.', n.relation)
                ),
                jsonb_build_array('explanation', 'text', 'The violation in one sentence.')
            ) || (
                select coalesce(
                    jsonb_agg(jsonb_build_array(v.value ->> 0, v.value ->> 2, v.value ->> 3)), '[]'
                )
                from jsonb_array_elements(k.key -> 'values') as v
            ) || jsonb_build_array(
                jsonb_build_array(
                    'stated', 'numeric', format('What %s says.', p_arguments ->> p_amount)
                ),
                jsonb_build_array('counted', 'numeric', 'What the rows of the child add up to.')
            ),
            'query', format(
                e'select\n    %s as subject,\n    format(\n        %L,\n'
                '        %s, t.stated, t.counted\n    ) as explanation,\n%s    t.stated,\n'
                '    t.counted\nfrom (\n'
                '    select\n        %s,\n        sum(l.stated) as stated,\n'
                '        sum(l.counted) as counted\n    from (\n'
                '        select %s, %s as stated, 0::numeric as counted, 1 as parents\n'
                '        from %s as t\n        where %s is not null%s\n        union all\n'
                '        select %s, 0, %s, 0\n        from %s as t\n        where %s%s\n'
                '    ) as l\n    group by %s\n    having %s%s\n) as t',
                s.subject,
                n.label || ' %s: ' || n.amount || ' is %s, but ' || n.child_amount || ' of '
                || n.child_label || ' adds up to %s',
                s.subject,
                (
                    select string_agg(format(e'    t.%s,\n', v.value ->> 0), '')
                    from jsonb_array_elements(k.key -> 'values') as v
                ),
                c.grouped,
                plumb.column_list(p_arguments -> 'key', 't.{column} as key_{number}'),
                e.amount,
                n.relation,
                e.amount,
                e' and (' || (p_arguments ->> 'where') || ')',
                c.child_keys,
                e.child_amount,
                p_arguments ->> 'child',
                plumb.column_list(p_arguments -> 'child_key', 't.{column} is not null', ' and '),
                e' and (' || (p_arguments ->> 'child_where') || ')',
                c.grouped,
                case when not p_is_lone_child_wrong then 'sum(l.parents) > 0 and ' end,
                format(p_comparison, 'sum(l.stated)', 'sum(l.counted)')
            ),
            'watches', jsonb_build_array(
                jsonb_build_array(n.relation, p_arguments -> 'key' -> 0, k.key ->> 'watched'),
                jsonb_build_array(
                    p_arguments ->> 'child', p_arguments -> 'child_key' -> 0, k.key ->> 'watched'
                )
            ),
            'description', p_description || plumb.rule_scope(p_arguments ->> 'where'),
            'indexes', jsonb_build_array(
                jsonb_build_array(p_arguments ->> 'child', p_arguments -> 'child_key')
            )
        )
    end
    from (
        select
            p_arguments ->> 'table' as relation,
            plumb.rule_label((parse_ident(p_arguments ->> 'table'))[2]) as label,
            plumb.rule_label((parse_ident(p_arguments ->> 'child'))[2]) as child_label,
            plumb.rule_label(p_arguments ->> p_amount) as amount,
            plumb.rule_label(p_arguments ->> 'amount') as child_amount
    ) as n
    cross join lateral (
        select
            plumb.rule_expression(n.relation, p_arguments ->> p_amount) || '::numeric' as amount,
            plumb.rule_expression(
                coalesce(p_arguments ->> 'child', n.relation), p_arguments ->> 'amount'
            ) || '::numeric' as child_amount
    ) as e
    cross join lateral (
        select plumb.rule_key(n.relation, p_arguments -> 'key', 't') as key
    ) as k
    cross join lateral (
        select
            case
                when jsonb_array_length(p_arguments -> 'key') = 1 then 't.key_1'
                else format(
                    'jsonb_build_array(%s)::text',
                    plumb.column_list(p_arguments -> 'key', 't.key_{number}')
                )
            end as subject
    ) as s
    cross join lateral (
        select
            plumb.column_list(p_arguments -> 'key', 'l.key_{number}') as grouped,
            (
                -- A filter reaches both tables only where both columns have one type.
                select string_agg(
                    format(
                        't.%I%s',
                        o.name,
                        case
                            when format_type(a.atttypid, null) <> y.type then '::' || y.type
                        end
                    ),
                    ', '
                    order by o.position
                )
                from jsonb_array_elements_text(p_arguments -> 'child_key') with ordinality as o (
                    name, position
                )
                inner join pg_attribute as a
                    on
                        a.attrelid = plumb.find_relation(p_arguments ->> 'child')
                        and a.attname = o.name
                cross join lateral (
                    select k.key -> 'types' ->> (o.position - 1)::integer as type
                ) as y
            ) as child_keys
    ) as c
$$;
comment on function plumb.sum_rule(jsonb, text, text, boolean, text) is
'The text of a rule that compares an amount with the sum of child rows; %s stand for both amounts.';
