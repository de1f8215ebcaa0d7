-- Records where a table differs from its log. Those that a new baseline is about to cover are
-- kept: no later comparison would find them again, so only a person's acceptance ends them.
create or replace function plumb.note_differences(p_relation text, p_mode text, p_is_kept boolean)
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
                        'source', 'table', 'priority', 'P1', 'is_kept', p_is_kept
                    ) || case
                        when f.record_key is null or f.kind not like 'row\_%' then '{}'
                        else jsonb_build_object(
                            'expected', case f.expected
                                when 'no row' then f.expected
                                else encode(sha256(convert_to(f.expected, 'UTF8')), 'hex')
                            end,
                            'actual', case f.actual
                                when 'no row' then f.actual
                                else encode(sha256(convert_to(f.actual, 'UTF8')), 'hex')
                            end
                        )
                    end
                )
            )
        ),
        '{}'
    )
    from plumb.reconcile_audit(plumb.find_relation(p_relation), p_mode) as f
$$;
comment on function plumb.note_differences(text, text, boolean) is
'Compare a table with its log and record what differs; returns the numbers of the findings.';
