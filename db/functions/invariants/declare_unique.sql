-- Declares that no two rows have the same values; case and blanks aside, in each group, or in each
-- year, as a unique index would need expressions for.
create or replace function plumb.declare_unique(
    p_name text,
    p_table text,
    p_columns text[],
    p_is_normalized boolean default false,
    p_groups text[] default null,
    p_year_of text default null,
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
        'unique',
        jsonb_build_object(
            'table', p_table,
            'columns', p_columns,
            'is_normalized', p_is_normalized,
            'groups', p_groups,
            'year_of', p_year_of,
            'key', p_key,
            'where', p_where
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_unique(
    text, text, text[], boolean, text[], text, text[], text, text, text, text, text
) is
'No two rows have the same values, in each group or year. Returns missing indexes.';
