-- Declares that numbers grow with another column, or have no gap: invoices, receipts, versions.
create or replace function plumb.declare_monotonic(
    p_name text,
    p_table text,
    p_column text,
    p_order text default null,
    p_groups text[] default null,
    p_is_gapless boolean default false,
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
        'monotonic',
        jsonb_build_object(
            'table', p_table,
            'column', p_column,
            'order', p_order,
            'groups', p_groups,
            'is_gapless', p_is_gapless,
            'key', p_key,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_monotonic(
    text, text, text, text, text[], boolean, text[], text, text, text, text, text
) is
'Numbers grow with another column, or have no gap, in each group. Returns missing indexes.';
