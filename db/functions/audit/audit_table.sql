-- Audits a table: from now on every change of it is in the log, by whatever role and statement it
-- is made. Called again, it changes which columns are left out, or how changes are captured: by
-- triggers, or from the WAL; what is as it should be stays untouched. From one to the other there
-- is no gap: writers wait while triggers and publication change places in one transaction, and what
-- they committed before is read from the WAL first.
--
-- Until this transaction ends nobody writes to the table, so the baseline of a large one is left to
-- another, beside which writers go on.
create or replace function plumb.audit_table(
    p_relation regclass,
    p_excluded_columns text[] default '{}',
    p_masked_columns text[] default '{}',
    p_baseline text default 'auto',
    capture text default null
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation constant text := plumb.relation_name(p_relation);
    v_key_columns constant text [] := plumb.audit_key_columns(p_relation);
    v_before plumb.audited_tables;
    v_after plumb.audited_tables;
    v_has_written constant boolean := pg_current_xact_id_if_assigned() is not null;
    v_row_count numeric;
    v_is_changed boolean;
begin
    p_excluded_columns := coalesce(p_excluded_columns, '{}');
    p_masked_columns := coalesce(p_masked_columns, '{}');
    perform plumb.refuse_unauditable(p_relation, p_excluded_columns || p_masked_columns);
    perform plumb.report_unlogged(
        array(select m.member from plumb.audit_members(p_relation) as m)
    );
    perform plumb.refuse_untrusted_casts();
    if p_baseline is null or p_baseline not in ('auto', 'rows', 'sum') then
        raise exception 'a baseline cannot be %', quote_nullable(p_baseline)
            using errcode = 'PL002', hint = 'auto, rows or sum.';
    end if;
    if coalesce(capture, 'trigger') not in ('trigger', 'wal') then
        raise exception 'changes cannot be captured by %', quote_nullable(capture)
            using errcode = 'PL002', hint = 'trigger or wal.';
    end if;

    select a.* into v_before from plumb.audited_tables as a where a.relation = v_relation;
    v_after.capture := coalesce(capture, v_before.capture, 'trigger');
    if v_after.capture = 'wal' then
        perform plumb.refuse_unlogged(p_relation);
        perform plumb.open_capture();
    end if;
    v_after.relation := v_relation;
    v_after.key_columns := v_key_columns;
    v_after.excluded_columns := p_excluded_columns;
    v_after.masked_columns := p_masked_columns;
    v_after.members := array(
        select plumb.relation_name(m.member) from plumb.audit_members(p_relation) as m order by 1
    );
    v_after.column_types := plumb.audit_column_types(p_relation);
    v_after.exact_pattern := plumb.exact_patterns(p_relation);
    v_is_changed := v_before.relation is null
    or (
        v_before.key_columns,
        v_before.excluded_columns,
        v_before.masked_columns,
        v_before.exact_pattern
    ) is distinct from (
        v_key_columns, p_excluded_columns, p_masked_columns, v_after.exact_pattern
    )
    -- Stored generated columns are in no WAL, so they enter or leave the log.
    or (
        v_before.capture <> v_after.capture
        and exists (
            select from pg_attribute as a
            where a.attrelid = p_relation and a.attgenerated = 's' and not a.attisdropped
        )
    );
    if v_before.capture = 'wal' and (v_is_changed or v_after.capture <> 'wal') then
        -- What is read from the WAL later would follow what is recorded now.
        if v_has_written then
            raise exception '% cannot be audited otherwise in a transaction that has written',
                v_relation
                using errcode = 'PL005', hint = 'Begin a transaction with this call.';
        end if;
        perform plumb.lock_captured(v_relation, true);
    end if;
    -- What differs from the log by now is recorded before the new baseline covers it.
    if v_before.relation is not null and v_is_changed then
        perform plumb.note_baseline_differences(v_relation);
    end if;
    insert into plumb.audited_tables as a (
        relation,
        key_columns,
        excluded_columns,
        masked_columns,
        members,
        column_types,
        exact_pattern,
        is_exact,
        relid,
        relid_origin,
        capture,
        audited_at
    )
    values (
        v_after.relation,
        v_after.key_columns,
        v_after.excluded_columns,
        v_after.masked_columns,
        v_after.members,
        v_after.column_types,
        v_after.exact_pattern,
        true,
        p_relation,
        plumb.database_identity(),
        v_after.capture,
        plumb.current_time()
    )
    on conflict (relation) do update
    set
        key_columns = excluded.key_columns,
        excluded_columns = excluded.excluded_columns,
        masked_columns = excluded.masked_columns,
        members = excluded.members,
        column_types = excluded.column_types,
        exact_pattern = excluded.exact_pattern,
        is_exact = true,
        relid = excluded.relid,
        relid_origin = excluded.relid_origin,
        capture = excluded.capture
    where
        (
            a.key_columns,
            a.excluded_columns,
            a.masked_columns,
            a.members,
            a.column_types,
            a.exact_pattern,
            a.is_exact,
            a.relid,
            a.relid_origin,
            a.capture
        ) is distinct from (
            excluded.key_columns,
            excluded.excluded_columns,
            excluded.masked_columns,
            excluded.members,
            excluded.column_types,
            excluded.exact_pattern,
            true,
            excluded.relid,
            excluded.relid_origin,
            excluded.capture
        );
    perform plumb.attach_audit(v_relation);
    v_row_count := plumb.estimate_rows(v_relation);
    if v_is_changed or v_before.capture <> v_after.capture then
        perform plumb.append_audit(
            'AUDIT',
            'plumb.audited_tables',
            'relation',
            case when v_before.relation is not null then to_jsonb(v_before) end,
            (select to_jsonb(a) from plumb.audited_tables as a where a.relation = v_relation)
        );
    end if;
    if v_is_changed and v_row_count > plumb.setting_number('audit_compare_rows_max') then
        perform plumb.ask_for_baseline(a, 'its first baseline')
        from plumb.audited_tables as a
        where a.relation = v_relation;
        update plumb.audited_tables as a
        set baseline_pending = a.baseline_pending || jsonb_build_object('form', p_baseline)
        where a.relation = v_relation;
        return format(
            '%s is audited; the job audit-verify will take the baseline of its about %s rows,'
            ' or at once: select plumb.rebase_audit(%L, %L)',
            v_relation, round(v_row_count), v_relation, p_baseline
        );
    elsif v_is_changed then
        return format(
            '%s is audited, baseline of %s',
            v_relation,
            plumb.take_audit_baseline(v_relation, p_baseline)
        );
    end if;
    return format('%s is audited', v_relation);
end;
$$;
comment on function plumb.audit_table(regclass, text[], text[], text, text) is
'Audit a table and its partitions, leaving out or masking columns; baseline auto, rows or sum;
capture by trigger or from the WAL (wal).';
grant execute on function plumb.audit_table(regclass, text[], text[], text, text) to plumb_operator;
