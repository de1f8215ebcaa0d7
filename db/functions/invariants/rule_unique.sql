-- Renders a rule that finds two rows with the same values, regardless of case and blanks where the
-- rule says so. Every spelling is watched by its own value, so that a changed row leads to itself
-- by an index.
create or replace function plumb.rule_unique(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select plumb.row_rule(
        p_arguments,
        format(
            'exists (select from %s%s and (%s) <> (%s))',
            plumb.rule_others(p_arguments),
            (
                select string_agg(
                    format('%s = %s', replace(n.value, '{t}', 'o'), replace(n.value, '{t}', 't')),
                    ' and '
                )
                from jsonb_array_elements_text(c.compared) as n (value)
            ),
            plumb.column_list(p_arguments -> 'key', 'o.{column}'),
            plumb.column_list(p_arguments -> 'key', 't.{column}')
        ),
        plumb.rule_label(c.names) || ' %s stands in another row, too',
        format(
            'concat_ws('', '', %s)', plumb.column_list(p_arguments -> 'columns', 't.{column}')
        ),
        jsonb_build_array(
            jsonb_build_array(
                'value',
                plumb.column_list(jsonb_build_array(p_arguments -> 'columns' -> 0), 't.{column}'),
                v.key ->> 'type',
                'The value that is not unique.'
            )
        ),
        format(
            'No two rows of %s%s have the same %s%s',
            p_arguments ->> 'table',
            c.groups,
            c.names,
            case when c.is_normalized then ', case and blanks aside' else '' end
        ),
        jsonb_build_array(
            jsonb_build_array(p_arguments ->> 'table', p_arguments -> 'columns' -> 0, 'value')
        ),
        jsonb_build_array(jsonb_build_array(p_arguments ->> 'table', p_arguments -> 'columns'))
        || case
            when c.is_normalized
                then jsonb_build_array(
                    jsonb_build_array(
                        p_arguments ->> 'table', '[]'::jsonb, replace(c.compared ->> 0, '{t}.', '')
                    )
                )
            else '[]'
        end
    )
    from (
        select
            jsonb_agg(
                case
                    when not n.is_normalized then format('{t}.%I', k.name)
                    else format(
                        'lower(regexp_replace('
                        '{t}.%I::text, $re$[\s\u00a0]+$re$, '''', ''g''))',
                        k.name
                    )
                end
                order by k.position
            ) as compared,
            string_agg(k.name, ', ' order by k.position) as names,
            bool_or(n.is_normalized) as is_normalized,
            (
                select ' with the same ' || string_agg(g.name, ', ')
                from (
                    select g.name
                    from jsonb_array_elements_text(p_arguments -> 'groups') as g (name)
                    union all
                    select 'year of ' || (p_arguments ->> 'year_of')
                    where p_arguments ? 'year_of'
                ) as g
            ) as groups
        from
            jsonb_array_elements_text(p_arguments -> 'columns')
            with ordinality as k (name, position)
        cross join (
            select coalesce((p_arguments ->> 'is_normalized')::boolean, false) as is_normalized
        ) as n
    ) as c
    cross join lateral (
        select plumb.rule_key(
            p_arguments ->> 'table', jsonb_build_array(p_arguments -> 'columns' -> 0), 't'
        ) as key
    ) as v
$$;
comment on function plumb.rule_unique(jsonb) is
'The text of a rule by which no two rows have the same values.';
