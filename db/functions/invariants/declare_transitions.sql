-- Declares which steps a status may take, as 'OPEN->PAID'. The steps that are taken from now on are
-- read from the audit log; a violation is repaired by the value before the step.
create or replace function plumb.declare_transitions(
    p_name text,
    p_table text,
    p_column text,
    p_steps text[],
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
        'transitions',
        jsonb_build_object(
            'table', p_table,
            'column', p_column,
            'steps', p_steps
        ),
        p_priority,
        p_description,
        p_owner,
        p_runbook_url
    )
$$;
comment on function plumb.declare_transitions(text, text, text, text[], text, text, text, text) is
'A status takes allowed steps only, by the audit log. Returns missing indexes.';
