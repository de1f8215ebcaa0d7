-- Checks what writes and guards the log, records what is wrong and clears what no longer is.
create or replace function plumb.note_setup_findings()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint [];
begin
    v_ids := array(
        select
            plumb.note_finding(
                jsonb_populate_record(
                    null::plumb.audit_findings,
                    to_jsonb(f) || jsonb_build_object('source', 'setup', 'priority', 'P1')
                )
            )
        from plumb.check_audit() as f
    );
    update plumb.audit_findings as f
    set cleared_at = plumb.current_time()
    where f.source = 'setup' and f.cleared_at is null and f.audit_finding_id <> all(v_ids);
    return cardinality(v_ids);
end;
$$;
comment on function plumb.note_setup_findings() is
'Check what writes and guards the audit log and record what is found; returns how much.';
