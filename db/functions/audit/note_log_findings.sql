-- Verifies seals of a range and records what is found, with the key of the row where it has one.
-- Findings of these seals that are gone are cleared; one that no seal names is cleared when the
-- whole log was read. Returns how many were found.
create or replace function plumb.note_log_findings(p_from_seal bigint, p_to_seal bigint)
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limit constant bigint := plumb.findings_limit();
    v_ids bigint [];
begin
    v_ids := array(
        select
            plumb.note_finding(
                jsonb_populate_record(
                    null::plumb.audit_findings,
                    to_jsonb(f) || jsonb_build_object(
                        'source', 'log', 'priority', 'P1', 'record_key', l.record_key
                    )
                )
            )
        from plumb.verify_audit(p_from_seal, p_to_seal) as f
        left join lateral (
            select l.record_key
            from plumb.audit_blocks_log as l
            where l.seal_id = f.seal and l.txid = f.txid and l.n = f.n
            union all
            select l.record_key
            from plumb.audit_rows as l
            where l.txid = f.txid and l.n = f.n and l.relation = f.relation
            limit 1
        ) as l on true
    );
    if cardinality(v_ids) < v_limit then
        update plumb.audit_findings as f
        set cleared_at = plumb.current_time()
        where
            f.source = 'log'
            and f.cleared_at is null
            and f.audit_finding_id <> all(v_ids)
            and (
                (p_from_seal = 0 and p_to_seal is null)
                or f.seal between p_from_seal and coalesce(p_to_seal, 9223372036854775807)
            );
    end if;
    return cardinality(v_ids);
end;
$$;
comment on function plumb.note_log_findings(bigint, bigint) is
'Verify the log from a seal to another (null: all that follows) and record what is found.';
