-- Declares which values a column may hold.
create or replace function plumb.declare_accepted_values(
    p_name text,
    p_table text,
    p_column text,
    p_values text[],
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
        'accepted_values',
        jsonb_build_object(
            'table', p_table,
            'column', p_column,
            'values', p_values,
            'key', p_key,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_accepted_values(
    text, text, text, text[], text[], text, text, text, text, text
) is
'A column holds accepted values only. Returns missing indexes.';
