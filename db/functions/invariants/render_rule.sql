-- Makes the text of a rule from its template and its arguments: the query of its view, its columns,
-- what is watched, the explanation in words and the indexes that make it fast. Every identifier is
-- quoted, every value a literal; expressions were checked before.
create or replace function plumb.render_rule(p_template text, p_arguments jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_children constant text := ', summed over ' || (p_arguments ->> 'child')
    || coalesce(' where ' || (p_arguments ->> 'child_where'), '');
begin
    return case p_template
        when 'non_negative' then plumb.rule_non_negative(p_arguments)
        when 'sum_matches'
            then plumb.sum_rule(
                p_arguments,
                'total',
                plumb.rule_difference(p_arguments),
                false,
                format(
                    'In every row of %s, %s is %s%s',
                    p_arguments ->> 'table',
                    p_arguments ->> 'total',
                    p_arguments ->> 'amount',
                    v_children
                )
            )
        when 'balance'
            then plumb.sum_rule(
                p_arguments,
                'total',
                plumb.rule_difference(p_arguments),
                true,
                format(
                    'For every key of %s, %s is the sum of %s of %s',
                    p_arguments ->> 'table',
                    p_arguments ->> 'total',
                    p_arguments ->> 'amount',
                    (p_arguments ->> 'child')
                    || coalesce(' where ' || (p_arguments ->> 'child_where'), '')
                )
            )
        when 'limit'
            then plumb.sum_rule(
                p_arguments,
                'limit',
                format('%%2$s - %%1$s > %s', coalesce(p_arguments ->> 'tolerance', '0')),
                false,
                format(
                    'In every row of %s, %s does not exceed %s%s',
                    p_arguments ->> 'table',
                    p_arguments ->> 'amount',
                    p_arguments ->> 'limit',
                    v_children
                )
            )
        when 'unique' then plumb.rule_unique(p_arguments)
        when 'no_orphans' then plumb.rule_no_orphans(p_arguments)
        when 'accepted_values' then plumb.rule_accepted_values(p_arguments)
        when 'transitions' then plumb.rule_transitions(p_arguments)
        when 'monotonic' then plumb.rule_monotonic(p_arguments)
        when 'freshness' then plumb.rule_freshness(p_arguments)
        when 'not_null_when' then plumb.rule_not_null_when(p_arguments)
    end;
end;
$$;
comment on function plumb.render_rule(text, jsonb) is
'The text of a rule (columns, query, watches, description, indexes) from template and arguments.';
