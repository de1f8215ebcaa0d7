-- Records something that happened to an audited table and that a person must accept.
create or replace function plumb.note_event(
    p_kind text, p_relation text, p_object text, p_priority text, p_expected text, p_actual text
)
returns bigint
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select plumb.note_finding(
        jsonb_populate_record(
            null::plumb.audit_findings,
            jsonb_build_object(
                'source', 'event',
                'priority', p_priority,
                'kind', p_kind,
                'relation', p_relation,
                'object', p_object,
                'expected', p_expected,
                'actual', p_actual
            )
        )
    )
$$;
comment on function plumb.note_event(text, text, text, text, text, text) is
'Record an event of an audited table that a person must accept; returns its number.';
