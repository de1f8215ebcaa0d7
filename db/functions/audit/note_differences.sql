-- Records where a table differs from its log.
create or replace function plumb.note_differences(p_relation text, p_mode text)
returns bigint[]
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        array_agg(
            plumb.note_finding(
                jsonb_populate_record(
                    null::plumb.audit_findings,
                    to_jsonb(f) || jsonb_build_object(
                        'source', 'table', 'priority', 'P1'
                    ) || case
                        when f.record_key is null or f.kind not like 'row\_%' then '{}'
                        else jsonb_build_object(
                            'expected',
                            plumb.digest_row(nullif(f.expected, 'no row')::jsonb),
                            'actual',
                            plumb.digest_row(nullif(f.actual, 'no row')::jsonb)
                        )
                    end
                )
            )
        ),
        '{}'
    )
    from plumb.reconcile_audit(plumb.find_relation(p_relation), p_mode) as f
$$;
comment on function plumb.note_differences(text, text) is
'Compare a table with its log and record what differs; returns the numbers of the findings.';
