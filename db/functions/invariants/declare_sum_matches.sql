-- Declares that an amount is the sum of child rows, or, without a child, of what the same row says:
-- an order's total and its lines, a line and quantity × price.
create or replace function plumb.declare_sum_matches(
    p_name text,
    p_table text,
    p_total text,
    p_amount text,
    p_child text default null,
    p_child_key text[] default null,
    p_child_where text default null,
    p_tolerance numeric default 0,
    p_key text[] default null,
    p_where text default null,
    p_priority text default 'P2',
    p_description text default null,
    p_owner text default null,
    p_runbook_url text default null
)
returns text[]
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select plumb.declare_rule(
        p_name,
        'sum_matches',
        jsonb_build_object(
            'table', p_table,
            'total', p_total,
            'amount', p_amount,
            'child', p_child,
            'child_key', p_child_key,
            'child_where', p_child_where,
            'tolerance', p_tolerance,
            'key', p_key,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_sum_matches(
    text, text, text, text, text, text[], text, numeric, text[], text, text, text, text,
    text
) is
'A total is what its child rows, or its own row, add up to. Returns missing indexes.';
