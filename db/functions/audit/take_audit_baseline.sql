-- What a table holds when its log begins (or begins again): each row, or for a large table their
-- number and sum. Without it, reconciliation could not tell an old row from one smuggled in.
reset role;
create or replace function plumb.take_audit_baseline(p_relation text, p_baseline text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_omissions constant text [] := plumb.audit_omissions(p_relation);
    v_table plumb.audited_tables;
    v_formats jsonb := plumb.pin_formats();
    v_key text;
    v_rows bigint;
    v_sum numeric;
    v_is_rows boolean;
begin
    select a.* into strict v_table from plumb.audited_tables as a where a.relation = p_relation;
    select sum(greatest(c.reltuples, 0)) into v_rows
    from plumb.audit_members(to_regclass(p_relation)) as m
    inner join pg_class as c on c.oid = m.member;
    v_is_rows := p_baseline = 'rows' or (
        p_baseline = 'auto'
        and v_rows <= plumb.setting_number('audit_baseline_rows_max')
        and cardinality(v_table.key_columns) > 0
    );
    v_key := plumb.key_spec(v_table.key_columns);
    -- A table without a key is known by its sum only; its rows would have no name in the log.
    execute format(
        'select count(*), coalesce(sum(plumb.row_sum(plumb.audit_payload(to_jsonb(t.*), $1, $2))), 0)'
        ' from %s as t',
        to_regclass(p_relation)
    )
    into v_rows, v_sum
    using v_omissions, v_table.masked_columns;
    perform plumb.append_audit(
        'BASELINE',
        p_relation,
        '',
        null,
        jsonb_build_object(
            'rows', v_rows, 'sum', v_sum, 'form', case when v_is_rows then 'rows' else 'sum' end
        )
    );
    if v_is_rows then
        execute plumb.audit_insertion(
            p_relation,
            plumb.audit_source(
                'SNAPSHOT',
                to_regclass(p_relation)::text,
                v_key,
                v_omissions::text,
                v_table.masked_columns::text
            )
        );
    end if;
    perform plumb.unpin_formats(v_formats);
    update plumb.audited_tables set needs_baseline = false where relation = p_relation;
    delete from plumb.audit_reconciliations where relation = p_relation;
    return format('%s rows', v_rows);
end;
$$;
comment on function plumb.take_audit_baseline(text, text) is
'Write what an audited table holds to the log: rows, sum, or auto by its size.';
revoke execute on function plumb.take_audit_baseline(text, text) from public;
grant execute on function plumb.take_audit_baseline(text, text) to plumb_owner;
