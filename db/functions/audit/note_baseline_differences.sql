-- Compares the rows of a table with the log before a new baseline covers the table. A row that
-- differs in a column that no DDL touched, or that is missing or there without the log, is a
-- finding that stays until a person accepts it. What DDL may explain is less urgent: rows of
-- partitions that it attached or detached, be it only for a moment, and a column of which each row
-- reads otherwise now, are counted and said in words; where only some rows read otherwise in a
-- column that DDL computed anew, each is named. Where triggers were off meanwhile, such a row is as
-- urgent as any other.
--
-- unchanged: not even a value's form changed, and no baseline is needed. equal: all rows are the
-- same, read as text. differs: some are not. not compared: too large, or the log has only a sum.
create or replace function plumb.note_baseline_differences(
    p_relation text, out verdict text, out summary text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limit constant bigint := plumb.setting_number('audit_findings_max')::bigint;
    v_rows_max constant bigint := plumb.setting_number('audit_compare_rows_max')::bigint;
    v_table plumb.audited_tables;
    v_row_count numeric;
    v_expected_count bigint;
    v_expected_sum numeric;
    v_found_count bigint;
    v_found_sum numeric;
    v_formats jsonb;
    v_has_other_key boolean;
    v_has_other_members boolean;
    v_has_returned_members boolean;
    v_form text;
    v_row record;
    v_reason text;
    v_is_explained boolean;
    v_named jsonb := jsonb_build_array();
    v_were_triggers_off boolean;
    v_counts jsonb := jsonb_build_object();
    v_noted bigint := 0;
begin
    v_row_count := plumb.estimate_rows(p_relation);
    if v_row_count > v_rows_max then
        verdict := 'not compared';
        summary := format(
            'not compared with the log: about %s rows are more than audit_compare_rows_max',
            v_row_count
        );
        return;
    end if;
    perform plumb.lock_captured(p_relation);
    select a.* into strict v_table from plumb.audited_tables as a where a.relation = p_relation;

    v_formats := plumb.pin_formats();
    select i.row_count, i.row_sum, (f.value ->> 'rows')::bigint, (f.value ->> 'sum')::numeric
    into v_expected_count, v_expected_sum, v_found_count, v_found_sum
    from plumb.audit_implied(p_relation, null) as i
    cross join lateral plumb.inspect(
        plumb.sum_query(
            plumb.find_relation(p_relation),
            plumb.audit_omissions(p_relation),
            v_table.masked_columns,
            i.sum_form
        )
    ) as f;
    perform plumb.unpin_formats(v_formats);
    if (v_expected_count, v_expected_sum) = (v_found_count, v_found_sum) then
        verdict := 'unchanged';
        summary := format('all %s rows are those of the log', v_found_count);
        return;
    end if;
    select coalesce(l.new_row ->> 'form', 'rows') into v_form
    from plumb.audit_spans(p_relation) as t
    cross join lateral plumb.log_of(t.name, null) as l
    where
        l.op in ('BASELINE', 'TRUNCATE')
        and plumb.is_in_span(l.op, l.position, l.txid, t.begins, t.ends)
    order by l.position desc nulls last, l.base_seal desc, l.occurred_at desc, l.n desc
    limit 1;
    if cardinality(v_table.key_columns) = 0 or v_form is null then
        verdict := 'not compared';
        summary := format(
            'the log has only a sum of its rows, and it is another: %s rows, %s expected',
            v_found_count, coalesce(v_expected_count::text, 'none')
        );
        return;
    end if;

    v_has_other_key := not plumb.is_same_key(v_table);
    v_has_other_members := jsonb_array_length(v_table.baseline_pending -> 'moved') > 0;
    v_has_returned_members := exists (
        select from jsonb_array_elements_text(v_table.baseline_pending -> 'moved') as m (name)
        where m.name = any(v_table.members)
    );
    v_were_triggers_off := exists (
        select from plumb.audit_findings as f
        where
            f.relation in (
                select p_relation
                union all
                select jsonb_array_elements_text(v_table.baseline_pending -> 'names')
            )
            and f.kind in ('trigger_was_changed', 'publication_was_changed')
            and f.cleared_at is null
            and f.last_seen_at > coalesce(v_table.compared_at, '-infinity')
    );
    verdict := 'equal';
    for v_row in select c.* from plumb.compare_audit(p_relation) as c order by c.record_key loop
        v_reason := case
            when v_has_other_key then 'the key is another'
            when v_row.kind = 'row_vanished' and v_has_other_members then 'gone with a partition'
            when v_row.kind = 'row_unlogged' and v_has_other_members then 'came with a partition'
            when
                v_row.kind = 'row_differs'
                and not exists (
                    select from unnest(v_row.columns) as c (name)
                    where not plumb.is_changed_column(v_table, c.name)
                )
                then 'read otherwise in ' || array_to_string(v_row.columns, ', ')
            when v_row.kind = 'row_differs' and v_has_returned_members
                then 'read otherwise since a partition was attached'
        end;
        v_is_explained := v_reason is not null
            and (not v_were_triggers_off or v_row.kind <> 'row_differs');
        verdict := 'differs';
        if v_is_explained then
            v_counts := v_counts || jsonb_build_object(
                v_reason, coalesce((v_counts ->> v_reason)::bigint, 0) + 1
            );
        else
            v_noted := v_noted + 1;
        end if;
        if
            (v_is_explained and v_row.kind = 'row_differs' and not v_has_other_key)
            or not v_is_explained
        then
            if jsonb_array_length(v_named) < v_limit then
                v_named := v_named || jsonb_build_object(
                    'source', case when v_is_explained then 'event' else 'table' end,
                    'priority', case when v_is_explained then 'P2' else 'P1' end,
                    'kind', v_row.kind,
                    'relation', p_relation,
                    'record_key', v_row.record_key,
                    'object', case when v_is_explained then v_reason end,
                    'expected', plumb.digest_row(v_row.expected),
                    'actual', plumb.digest_row(v_row.actual),
                    'is_kept', true
                );
            end if;
        end if;
    end loop;
    perform plumb.note_finding(jsonb_populate_record(null::plumb.audit_findings, n.finding))
    from jsonb_array_elements(v_named) as n (finding)
    where
        n.finding ->> 'source' = 'table'
        or (v_counts ->> (n.finding ->> 'object'))::bigint < v_found_count;
    if v_form = 'sum' then
        verdict := 'not compared';
    end if;
    summary := format('%s rows compared with the log: ', v_found_count) || coalesce(
        concat_ws(
            '; ',
            case
                when v_noted > 0 then format('%s differ for no reason that DDL gives', v_noted)
            end,
            (
                select string_agg(format('%s %s', c.value, c.key), '; ' order by c.key)
                from jsonb_each_text(v_counts) as c (key, value)
            )
        ),
        ''
    ) || case
        when v_form = 'sum' then '; the log has only a sum of those that nobody changed since'
        when verdict = 'equal' then 'the same, read as text'
        else ''
    end;
end;
$$;
comment on function plumb.note_baseline_differences(text) is
'Compare a table with its log before a new baseline; records what no DDL explains. Says how equal
they are.';
