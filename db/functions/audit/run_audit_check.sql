-- Checks the audit log as a part of the job security. What is new: verify it since the last
-- verification, verify a share of the old seals again, check what writes the log, compare what
-- changed in the tables. In full: all of that for the whole log and every table. What is found is
-- recorded, and incidents follow it.
create or replace function plumb.run_audit_check(p_is_full boolean default false)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_through constant bigint := (select max(s.seal_id) from plumb.seals as s);
    v_lock_timeout constant text := current_setting('lock_timeout');
    v_from bigint;
    v_window record;
    v_table record;
    v_open bigint;
    v_accepted bigint;
begin
    -- Before anything is written here: what this transaction has in the WAL by half would be in the
    -- way. Each table has its own finding where it cannot be read.
    if
        plumb.slot_fault() is null
        and current_setting('transaction_isolation') = 'read committed'
    then
        perform plumb.capture_audit();
    end if;
    -- A verified seal that is no longer what it was is itself a finding: begin at the beginning. So
    -- does what is open and has no seal: only the whole log shows that it is gone.
    select
        least(
            v.through_seal + 1,
            (
                select min(coalesce(f.seal, 0))
                from plumb.audit_findings as f
                where f.source = 'log' and f.cleared_at is null and f.accepted_at is null
            )
        )
    into v_from
    from plumb.audit_verification as v
    inner join plumb.seals as s on s.seal_id = v.through_seal and s.seal_hash = v.seal_hash
    where not p_is_full;
    v_from := greatest(coalesce(v_from, 0), 0);
    perform plumb.note_log_findings(v_from, null);
    select w.from_seal, w.to_seal into v_window from plumb.reverify_window(v_from) as w;
    if v_window.to_seal is not null then
        perform plumb.note_log_findings(v_window.from_seal, v_window.to_seal);
    end if;

    perform set_config(
        'lock_timeout', plumb.setting('audit_lock_timeout_ms') || 'ms', true
    );
    perform plumb.adopt_relations();
    if not plumb.has_event_triggers() then
        perform plumb.follow_catalog();
    end if;
    -- A later major version quotes what it reserves, and no event trigger saw the name change.
    perform plumb.refresh_audit(a.relation, a.relid, false, 'ALTER TABLE')
    from plumb.audited_tables as a
    inner join pg_class as c on c.oid = a.relid
    where a.relation <> plumb.relation_name(a.relid);
    perform plumb.note_setup_findings();
    for v_table in
        select a.relation
        from plumb.audited_tables as a
        left join plumb.audit_reconciliations as r on r.relation = a.relation
        where plumb.find_relation(a.relation) is not null
        -- Should a run be cut off, the next begins with the tables that it did not reach.
        order by r.reconciled_at nulls first, a.relation
    loop
        perform plumb.note_table_findings(v_table.relation, p_is_full);
    end loop;
    perform set_config('lock_timeout', v_lock_timeout, true);

    select
        count(*) filter (where f.accepted_at is null),
        count(*) filter (where f.accepted_at is not null)
    into v_open, v_accepted
    from plumb.audit_findings as f
    where f.cleared_at is null;
    insert into plumb.audit_verification as v (
        id,
        through_seal,
        seal_hash,
        finding_count,
        verified_at,
        reverified_seal,
        reverify_started_at
    )
    select
        1,
        s.seal_id,
        s.seal_hash,
        v_open,
        plumb.current_time(),
        v_window.to_seal,
        plumb.current_time()
    from plumb.seals as s
    where s.seal_id = v_through
    on conflict (id) do update
    set
        through_seal = excluded.through_seal,
        seal_hash = excluded.seal_hash,
        finding_count = excluded.finding_count,
        verified_at = excluded.verified_at,
        reverified_seal = excluded.reverified_seal,
        reverify_started_at = case
            when excluded.reverified_seal > v.reverified_seal then v.reverify_started_at
            else excluded.reverify_started_at
        end;
    perform plumb.report_findings();
    return concat_ws(
        ', ',
        format('seals %s to %s', v_from, v_through),
        case
            when v_window.to_seal is not null
                then format('again %s to %s', v_window.from_seal, v_window.to_seal)
        end,
        format('%s finding%s', v_open, case when v_open <> 1 then 's' end),
        case when v_accepted > 0 then format('%s accepted', v_accepted) end
    );
end;
$$;
comment on function plumb.run_audit_check(boolean) is
'Verify and reconcile what is new, or everything, and a share of what is old; records findings,
opens and resolves their incidents. Says what it found.';
revoke execute on function plumb.run_audit_check(boolean) from public;
grant execute on function plumb.run_audit_check(boolean)
to plumb_operator, plumb_owner, plumb_worker;
