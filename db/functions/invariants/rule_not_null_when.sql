-- Renders a rule that finds a column which is null although a condition says that it must not be.
create or replace function plumb.rule_not_null_when(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select plumb.row_rule(
        p_arguments,
        format('(%s) and t.%I is null', p_arguments ->> 'condition', p_arguments ->> 'column'),
        plumb.rule_label(
            format('%s is empty although %s', p_arguments ->> 'column', p_arguments ->> 'condition')
        ),
        null,
        '[]',
        format(
            'In every row of %s with %s, %s is not null',
            p_arguments ->> 'table',
            p_arguments ->> 'condition',
            p_arguments ->> 'column'
        )
    )
$$;
comment on function plumb.rule_not_null_when(jsonb) is
'The text of a rule by which a column is not null when a condition is met.';
