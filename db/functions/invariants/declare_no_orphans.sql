-- Declares that every row refers to a row that exists, where no foreign key says so or a load went
-- around it. With quarantine, an orphan is moved to plumb.quarantined_rows by the check that finds
-- it.
create or replace function plumb.declare_no_orphans(
    p_name text,
    p_table text,
    p_columns text[],
    p_parent text,
    p_parent_columns text[] default null,
    p_is_quarantined boolean default false,
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
        'no_orphans',
        jsonb_build_object(
            'table', p_table,
            'columns', p_columns,
            'parent', p_parent,
            'parent_columns', p_parent_columns,
            'is_quarantined', p_is_quarantined,
            'key', p_key,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_no_orphans(
    text, text, text[], text, text[], boolean, text[], text, text, text, text, text
) is
'Every row refers to one that exists; orphans may go to quarantine. Returns missing indexes.';
