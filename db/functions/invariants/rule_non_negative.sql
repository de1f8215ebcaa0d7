-- Renders a rule that finds an amount below zero, or one that is no number.
create or replace function plumb.rule_non_negative(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select plumb.row_rule(
        p_arguments,
        format('(%1$s < 0 or %1$s in (''NaN'', ''Infinity''))', e.amount),
        plumb.rule_label(p_arguments ->> 'amount') || ' is %s',
        e.amount,
        jsonb_build_array(
            jsonb_build_array('amount', e.amount, 'numeric', 'The amount that is below zero.')
        ),
        format(
            'In every row of %s, %s is zero or more',
            p_arguments ->> 'table',
            p_arguments ->> 'amount'
        )
    )
    from (
        select
            plumb.rule_expression(
                p_arguments ->> 'table', p_arguments ->> 'amount'
            ) || '::numeric' as amount
    ) as e
$$;
comment on function plumb.rule_non_negative(jsonb) is
'The text of a rule by which an amount is never below zero.';
