-- Compares one audited table with its log and records what differs; of a row's values only their
-- SHA-256, for the log's own readers are few. All rows are compared where a caller asks for it,
-- where a difference is known and not accepted, so that it is cleared by nothing but its repair,
-- and where triggers were off since. A lock of another session ends the wait after a bounded time,
-- and like every other error leaves this table alone unverified.
create or replace function plumb.note_table_findings(p_relation text, p_is_full boolean)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limit constant bigint := plumb.findings_limit();
    v_table plumb.audited_tables;
    v_mode text := 'changes';
    v_ids bigint [];
begin
    select a.* into strict v_table from plumb.audited_tables as a where a.relation = p_relation;
    if
        v_table.needs_baseline
        and not p_is_full
        and plumb.estimate_rows(p_relation) <= plumb.setting_number('audit_compare_rows_max')
    then
        -- Writers wait for the comparison that goes with a baseline, so it waits for the night.
        -- What differs is recorded before.
        if not coalesce(v_table.baseline_pending ? 'compared', false) then
            perform plumb.note_baseline_differences(p_relation);
            update plumb.audited_tables as a
            set baseline_pending = a.baseline_pending || '{"compared": true}'
            where a.relation = p_relation;
        end if;
        return;
    elsif v_table.needs_baseline then
        perform plumb.renew_baseline(p_relation, 'auto', true);
        -- By its sum: key by key would read every row that was recorded just now.
        v_mode := 'full';
    end if;
    if
        p_is_full
        or exists (
            select from plumb.audit_findings as f
            where
                f.relation = p_relation
                and f.cleared_at is null
                and f.accepted_at is null
                and f.source = 'table'
                and not f.is_kept
        )
        or exists (
            select from plumb.audit_findings as f
            where
                f.relation = p_relation
                and f.kind in ('trigger_was_changed', 'publication_was_changed')
                and f.cleared_at is null
                and f.last_seen_at > coalesce(v_table.compared_at, '-infinity')
        )
    then
        v_mode := 'full';
    end if;
    v_ids := plumb.note_differences(p_relation, v_mode);
    if v_mode = 'full' then
        update plumb.audited_tables as a
        set compared_at = plumb.current_time()
        where a.relation = p_relation;
    end if;
    if v_mode = 'full' and cardinality(v_ids) < v_limit then
        update plumb.audit_findings as f
        set cleared_at = plumb.current_time()
        where
            f.relation = p_relation
            and f.source = 'table'
            and f.kind <> 'not_reconciled'
            and f.cleared_at is null
            and not f.is_kept
            and f.audit_finding_id <> all(v_ids);
    end if;
    update plumb.audit_findings as f
    set cleared_at = plumb.current_time()
    where f.relation = p_relation and f.kind = 'not_reconciled' and f.cleared_at is null;
    if not exists (
        select from plumb.audit_findings as f
        where f.audit_finding_id = any(v_ids) and f.accepted_at is null
    ) then
        perform plumb.record_reconciliation(p_relation);
    end if;
exception
    when others then
        perform plumb.note_finding(
            jsonb_populate_record(
                null::plumb.audit_findings,
                jsonb_build_object(
                    'source', 'table',
                    'priority', 'P1',
                    'kind', 'not_reconciled',
                    'relation', p_relation,
                    'object', case when sqlstate in ('55P03', '40P01') then 'lock' else 'error' end,
                    'expected', 'a comparison with its log',
                    'actual', sqlerrm
                )
            )
        );
end;
$$;
comment on function plumb.note_table_findings(text, boolean) is
'Compare an audited table with its log and record what differs, or why it could not be compared.';
