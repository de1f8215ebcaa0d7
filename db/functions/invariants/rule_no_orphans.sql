-- Renders a rule that finds rows which refer to a row that does not exist. Both tables are watched
-- by the column that they share, so that the rule can be enforced.
create or replace function plumb.rule_no_orphans(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select plumb.row_rule(
        p_arguments,
        format(
            '%s and not exists (select from %s as p where %s)',
            plumb.column_list(p_arguments -> 'columns', 't.{column} is not null', ' and '),
            p_arguments ->> 'parent',
            (
                select string_agg(
                    format('p.%I = t.%I', p.value, c.value), ' and ' order by c.ordinality
                )
                from jsonb_array_elements_text(p_arguments -> 'columns') with ordinality as c
                inner join
                    jsonb_array_elements_text(p_arguments -> 'parent_columns')
                    with ordinality as p
                    on p.ordinality = c.ordinality
            )
        ),
        plumb.rule_label(n.columns) || ' is %s, which ' || plumb.rule_label(
            (parse_ident(p_arguments ->> 'parent'))[2]
        ) || ' does not have',
        format(
            'concat_ws('', '', %s)', plumb.column_list(p_arguments -> 'columns', 't.{column}')
        ),
        jsonb_build_array(
            jsonb_build_array(
                'reference',
                plumb.column_list(jsonb_build_array(p_arguments -> 'columns' -> 0), 't.{column}'),
                r.key ->> 'type',
                'What it refers to.'
            )
        ),
        format(
            'Every row of %s refers to a row of %s',
            p_arguments ->> 'table',
            p_arguments ->> 'parent'
        ),
        jsonb_build_array(
            jsonb_build_array(p_arguments ->> 'table', p_arguments -> 'columns' -> 0, 'reference'),
            jsonb_build_array(
                p_arguments ->> 'parent', p_arguments -> 'parent_columns' -> 0, 'reference'
            )
        ),
        jsonb_build_array(jsonb_build_array(p_arguments ->> 'table', p_arguments -> 'columns'))
    )
    from (
        select plumb.rule_key(
            p_arguments ->> 'table', jsonb_build_array(p_arguments -> 'columns' -> 0), 't'
        ) as key
    ) as r
    cross join (
        select string_agg(c.name, ', ') as columns
        from jsonb_array_elements_text(p_arguments -> 'columns') as c (name)
    ) as n
$$;
comment on function plumb.rule_no_orphans(jsonb) is
'The text of a rule by which every row refers to a row that exists.';
