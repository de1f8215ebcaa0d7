-- Records what a table holds when its log begins (or begins again): each row, or for a large table
-- their number and sum. Without it, reconciliation could not distinguish an old row from one that
-- was added without the log.
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
    v_table plumb.audited_tables;
    v_formats jsonb := plumb.pin_formats();
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
    select sum(greatest(c.reltuples, 0)) into v_rows
    from plumb.audit_members(plumb.find_relation(p_relation)) as m
    inner join pg_class as c on c.oid = m.member;
    v_is_rows := p_baseline = 'rows' or (
        p_baseline = 'auto'
        and v_rows <= plumb.setting_number('audit_baseline_rows_max')
        and cardinality(v_table.key_columns) > 0
    );
    -- A table without a key is known by its sum only; its rows would have no name in the log.
    select (i.value ->> 'rows')::bigint, (i.value ->> 'sum')::numeric
    into v_rows, v_sum
    from plumb.inspect(
        plumb.sum_query(
            plumb.find_relation(p_relation), v_omissions, v_table.masked_columns, c_sum_form
        )
    ) as i;
    perform plumb.append_audit(
        'BASELINE',
        p_relation,
        '',
        null,
        jsonb_build_object(
            'rows', v_rows,
            'sum', v_sum,
            'sum_form', c_sum_form,
            'form', case when v_is_rows then 'rows' else 'sum' end
        )
    );
    if v_is_rows then
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, new_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), 'SNAPSHOT', p_relation,
            plumb.key_spec(v_table.key_columns), session_user, plumb.app_user(), i.value
        from plumb.inspect(
            plumb.payload_query(
                plumb.find_relation(p_relation), '{}', v_omissions, v_table.masked_columns
            )
        ) as i;
    end if;
    perform plumb.unpin_formats(v_formats);
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
