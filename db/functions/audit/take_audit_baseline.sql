-- Records what a table holds when its log begins (or begins again): each row, or for a large table
-- their number and sum. Without it, reconciliation could not distinguish an old row from one that
-- was added without the log.
--
-- Writers go on meanwhile. The baseline stands in the log at the position where it began, and what
-- the table shows later is put back to that moment: by the log of the changes which are recorded
-- after that position and which the reading saw. Some of them may be sealed by the time the
-- baseline is, so it says after which seal it began.
create or replace function plumb.take_audit_baseline(p_relation text, p_baseline text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_sum_form constant integer := 2;
    v_omissions constant text [] := plumb.audit_omissions(p_relation);
    v_after_seal constant bigint := (select max(s.seal_id) from plumb.seals as s);
    v_table plumb.audited_tables;
    v_key text;
    v_formats jsonb := plumb.pin_formats();
    v_began record;
    v_snapshot pg_snapshot;
    v_rows bigint;
    v_sum numeric;
    v_is_rows boolean;
begin
    -- Rows of transactions that committed since the snapshot would be missing.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'a baseline of % cannot be taken in a % transaction',
            p_relation, current_setting('transaction_isolation')
            using errcode = 'PL005', hint = 'Begin one of isolation level read committed.';
    end if;
    select a.* into strict v_table from plumb.audited_tables as a where a.relation = p_relation;
    v_key := plumb.key_spec(v_table.key_columns);
    -- A table without a key is known by its sum only; its rows would have no name in the log.
    v_is_rows := cardinality(v_table.key_columns) > 0 and (
        p_baseline = 'rows' or (
            p_baseline = 'auto'
            and plumb.estimate_rows(p_relation) <= plumb.setting_number('audit_baseline_rows_max')
        )
    );
    select b.* into v_began from plumb.begin_baseline(p_relation) as b;
    if v_is_rows then
        with put as (
            insert into plumb.audit_intake (
                position, txid, occurred_at, op, relation, key, actor, app_user, new_row
            )
            overriding system value
            select
                v_began.row_position, pg_current_xact_id(), v_began.at, 'SNAPSHOT', p_relation,
                v_key, session_user, plumb.app_user(), i.value
            from plumb.inspect(
                plumb.payload_query(
                    plumb.find_relation(p_relation), '{}', v_omissions, v_table.masked_columns
                )
            ) as i
            returning new_row
        )

        select
            pg_current_snapshot(),
            count(*),
            coalesce(sum(plumb.row_sum(p.new_row, c_sum_form)), 0)
        into v_snapshot, v_rows, v_sum
        from put as p;
    else
        select pg_current_snapshot(), (i.value ->> 'rows')::bigint, (i.value ->> 'sum')::numeric
        into v_snapshot, v_rows, v_sum
        from plumb.inspect(
            plumb.sum_query(
                plumb.find_relation(p_relation), v_omissions, v_table.masked_columns, c_sum_form
            )
        ) as i;
    end if;
    perform plumb.unpin_formats(v_formats);
    if v_began.is_beside and v_table.capture = 'wal' then
        perform plumb.capture_audit();
    end if;
    select
        v_rows - count(l.new_row) + count(l.old_row),
        v_sum
        - coalesce(sum(plumb.row_sum(l.new_row, c_sum_form)), 0)
        + coalesce(sum(plumb.row_sum(l.old_row, c_sum_form)), 0)
    into v_rows, v_sum
    from plumb.log_of_table(p_relation, v_after_seal) as l
    where
        l.op in ('INSERT', 'UPDATE', 'DELETE')
        and l.position > v_began.row_position
        and pg_visible_in_snapshot(l.txid, v_snapshot);
    if v_is_rows then
        perform plumb.put_back_snapshot(
            p_relation, v_key, v_after_seal, v_began.row_position, v_snapshot
        );
    end if;
    insert into plumb.audit_intake (
        position, txid, occurred_at, op, relation, key, actor, app_user, new_row
    )
    overriding system value
    values (
        v_began.begin_position,
        pg_current_xact_id(),
        v_began.at,
        'BASELINE',
        p_relation,
        '',
        session_user,
        plumb.app_user(),
        jsonb_build_object(
            'rows', v_rows,
            'sum', v_sum,
            'sum_form', c_sum_form,
            'form', case when v_is_rows then 'rows' else 'sum' end,
            'after_seal', v_after_seal
        )
    );
    update plumb.audited_tables
    set needs_baseline = false, baseline_pending = null
    where relation = p_relation;
    delete from plumb.audit_reconciliations where relation = p_relation;
    return format('%s rows', v_rows);
end;
$$;
comment on function plumb.take_audit_baseline(text, text) is
'Write what an audited table holds to the log: rows, sum, or auto by its size.';
revoke execute on function plumb.take_audit_baseline(text, text) from public;
grant execute on function plumb.take_audit_baseline(text, text) to plumb_owner;
