-- Records what a verification found, or that it found it again. An event that repeats after it was
-- accepted is a new finding: the person accepted what had happened until then.
create or replace function plumb.note_finding(p_finding plumb.audit_findings)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_fingerprint constant bytea := plumb.finding_fingerprint(p_finding);
    v_id bigint;
begin
    if p_finding.source = 'event' then
        update plumb.audit_findings as f
        set cleared_at = v_now
        where
            f.fingerprint = v_fingerprint
            and f.cleared_at is null
            and f.accepted_at is not null;
    end if;
    insert into plumb.audit_findings as f (
        fingerprint, source, priority, kind, relation, record_key, object, seal, txid, n, expected,
        actual, is_kept, first_seen_at, last_seen_at
    )
    values (
        v_fingerprint,
        p_finding.source,
        coalesce(p_finding.priority, 'P1'),
        p_finding.kind,
        p_finding.relation,
        p_finding.record_key,
        p_finding.object,
        p_finding.seal,
        p_finding.txid,
        p_finding.n,
        p_finding.expected,
        p_finding.actual,
        coalesce(p_finding.is_kept, p_finding.source = 'event'),
        v_now,
        v_now
    )
    on conflict (fingerprint) where cleared_at is null do update
    set
        seal = excluded.seal,
        expected = excluded.expected,
        actual = excluded.actual,
        is_kept = f.is_kept or excluded.is_kept,
        occurrence_count = f.occurrence_count + 1,
        last_seen_at = v_now
    returning f.audit_finding_id into v_id;
    return v_id;
end;
$$;
comment on function plumb.note_finding(plumb.audit_findings) is
'Record a finding, or that it was found again; returns its number.';
