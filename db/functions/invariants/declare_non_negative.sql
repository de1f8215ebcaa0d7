-- Declares that an amount is never below zero: a stock, a balance, a quantity.
create or replace function plumb.declare_non_negative(
    p_name text,
    p_table text,
    p_amount text,
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
        'non_negative',
        jsonb_build_object(
            'table', p_table,
            'amount', p_amount,
            'key', p_key,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_non_negative(
    text, text, text, text[], text, text, text, text, text
) is
'An amount of every row is zero or more. Returns missing indexes.';
