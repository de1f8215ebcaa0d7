-- Declares that a column is not null when a condition is met: a paid order has a time of payment.
create or replace function plumb.declare_not_null_when(
    p_name text,
    p_table text,
    p_column text,
    p_condition text,
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
        'not_null_when',
        jsonb_build_object(
            'table', p_table,
            'column', p_column,
            'condition', p_condition,
            'key', p_key,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_not_null_when(
    text, text, text, text, text[], text, text, text, text, text
) is
'A column is not null when a condition is met. Returns missing indexes.';
