-- Declares how old the newest row of a table may be: an import, a feed, a heartbeat of another
-- system.
create or replace function plumb.declare_freshness(
    p_name text,
    p_table text,
    p_column text,
    p_age interval,
    p_groups text[] default null,
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
        'freshness',
        jsonb_build_object(
            'table', p_table,
            'column', p_column,
            'age', p_age,
            'groups', p_groups,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_freshness(
    text, text, text, interval, text[], text, text, text, text, text
) is
'The newest row of a table, or of each group, is not older than an age. Returns missing indexes.';
