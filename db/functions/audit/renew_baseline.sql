-- Takes a new baseline of an audited table, once the rows were compared with the log that is about
-- to begin anew. Every such baseline waits for a person to accept it. One that a job takes is left
-- out where the comparison shows that no row reads otherwise than before. Writers wait meanwhile,
-- so that nothing changes between comparison and baseline; those of a table that is too large to be
-- compared do not. Runs as the superuser, for the lock on a table that is not ours.
reset role;
create or replace function plumb.renew_baseline(
    p_relation text, p_baseline text, p_is_automatic boolean
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_is_large constant boolean := plumb.estimate_rows(p_relation)
    > plumb.setting_number('audit_compare_rows_max');
    v_table plumb.audited_tables;
    v_compared record;
    v_report text;
begin
    if not v_is_large then
        execute format('lock table %s in share mode', plumb.find_relation(p_relation));
        perform plumb.lock_captured(p_relation);
    end if;
    select a.* into strict v_table from plumb.audited_tables as a where a.relation = p_relation;
    select d.verdict, d.summary into v_compared
    from plumb.note_baseline_differences(p_relation) as d;
    if p_is_automatic and v_compared.verdict = 'unchanged' then
        update plumb.audited_tables as a
        set needs_baseline = false, baseline_pending = null
        where a.relation = p_relation;
        return 'unchanged';
    end if;
    -- Row by row, as far as the next change of its shape would be compared row by row.
    v_report := plumb.take_audit_baseline(
        p_relation,
        case
            when not p_is_automatic then p_baseline
            -- The first one, which audit_table() left to this.
            when v_table.baseline_pending ? 'form' then v_table.baseline_pending ->> 'form'
            when cardinality(v_table.key_columns) > 0 and not v_is_large then 'rows'
            else 'sum'
        end
    );
    if
        v_table.baseline_pending ? 'form'
        and jsonb_array_length(v_table.baseline_pending -> 'reasons') = 1
    then
        return v_report;
    end if;
    perform plumb.note_event(
        'baseline_taken',
        p_relation,
        null,
        case when v_compared.verdict in ('unchanged', 'equal') then 'P3' else 'P2' end,
        'a table that its log explains',
        left(
            format(
                '%s: %s',
                coalesce(
                    (
                        select string_agg(r.reason, ', ')
                        from jsonb_array_elements_text(v_table.baseline_pending -> 'reasons')
                            as r (reason)
                    ),
                    plumb.ddl_reason('rebase_audit')
                ),
                v_compared.summary
            ),
            1000
        )
    );
    -- A new baseline covers what the last comparison found, so nothing but a person ends it.
    update plumb.audit_findings as f
    set is_kept = true
    where f.relation = p_relation and f.source = 'table' and f.cleared_at is null
    and f.kind like 'row\_%';
    return v_report;
end;
$$;
comment on function plumb.renew_baseline(text, text, boolean) is
'Compare an audited table with its log, then take a new baseline that a person must accept.';
revoke execute on function plumb.renew_baseline(text, text, boolean) from public;
grant execute on function plumb.renew_baseline(text, text, boolean) to plumb_owner;
