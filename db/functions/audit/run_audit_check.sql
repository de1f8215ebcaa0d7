-- The security job's part. What is new: verify it since the last verification that found nothing,
-- check what writes the log, reconcile what changed. In full: all of that for the whole log and
-- every table. Opens the incident, or resolves it. Runs as the superuser, for the audited tables
-- are not ours.
reset role;
create or replace function plumb.run_audit_check(p_is_full boolean default false)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_through constant bigint := (select max(s.seal_id) from plumb.seals as s);
    v_from bigint;
    v_findings text [];
    v_more text [];
    v_count integer;
    v_table record;
    v_report text;
begin
    -- A verified seal that is no longer what it was is itself a finding: begin at the beginning.
    select v.through_seal + 1 into v_from
    from plumb.audit_verification as v
    inner join plumb.seals as s on s.seal_id = v.through_seal and s.seal_hash = v.seal_hash
    where v.finding_count = 0 and not p_is_full;
    v_from := coalesce(v_from, 0);

    v_findings := array(
        select format('%s: seal %s, transaction %s, row %s', f.kind, f.seal, f.txid, f.n)
        from plumb.verify_audit(v_from) as f
        union all
        select format('%s: %s', f.kind, f.object)
        from plumb.check_audit() as f
    );
    for v_table in
        select a.relation, a.needs_baseline
        from plumb.audited_tables as a
        where plumb.find_relation(a.relation) is not null
        order by a.relation
    loop
        if v_table.needs_baseline and not p_is_full then
            continue;
        end if;
        -- A table that cannot be reconciled is a finding, and hides no other table's.
        begin
            if v_table.needs_baseline then
                perform plumb.rebase_audit(plumb.find_relation(v_table.relation));
            end if;
            v_more := array(
                select format('%s: %s %s', f.kind, f.relation, f.record_key)
                from plumb.reconcile_audit(
                    plumb.find_relation(v_table.relation), case when p_is_full then 'full' else 'changes' end
                ) as f
            );
        exception
            when others then
                v_more := array[format('not_reconciled: %s: %s', v_table.relation, sqlerrm)];
        end;
        v_findings := v_findings || v_more;
        if v_more = '{}' then
            perform plumb.record_reconciliation(v_table.relation);
        end if;
    end loop;

    v_count := cardinality(v_findings);
    insert into plumb.audit_verification as v (
        id, through_seal, seal_hash, finding_count, verified_at
    )
    select 1, s.seal_id, s.seal_hash, v_count, plumb.current_time()
    from plumb.seals as s
    where s.seal_id = v_through
    on conflict (id) do update
    set
        through_seal = excluded.through_seal,
        seal_hash = excluded.seal_hash,
        finding_count = excluded.finding_count,
        verified_at = excluded.verified_at;
    v_report := format('seals %s to %s: %s findings', v_from, v_through, v_count);
    if v_count > 0 then
        perform plumb.open_incident(
            'audit',
            'audit_log',
            'P1',
            format('The audit log has %s findings', v_count),
            array_to_string(v_findings[1:20], e'\n'),
            v_count,
            plumb.setting('runbook_base_url') || 'audit.md'
        );
    else
        perform plumb.resolve_incident('audit', 'audit_log', v_report);
    end if;
    return v_report;
end;
$$;
comment on function plumb.run_audit_check(boolean) is
'Verify and reconcile what is new, or everything; a P1 incident for findings. Says what it found.';
revoke execute on function plumb.run_audit_check(boolean) from public;
grant execute on function plumb.run_audit_check(boolean) to plumb_operator, plumb_owner;
