-- Audits a table anew that took the name of an audited one: it was dropped and created again, or
-- another was put in its place. Columns stay left out or masked as they were. A person must accept
-- it; where it cannot be audited, that is the finding.
create or replace function plumb.reaudit_table(p_relation regclass, p_reason text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation constant text := plumb.relation_name(p_relation);
    v_columns constant jsonb := plumb.audit_column_types(p_relation);
    v_key_columns constant text [] := plumb.audit_key_columns(p_relation);
    v_before jsonb;
    v_report text;
begin
    select l.old_row into v_before
    from plumb.log_of('plumb.audited_tables', v_relation) as l
    where l.op = 'UNAUDIT'
    order by l.position desc nulls last, l.base_seal desc, l.occurred_at desc, l.n desc
    limit 1;
    begin
        v_report := plumb.audit_table(
            p_relation,
            array(
                select c.name
                from jsonb_array_elements_text(v_before -> 'excluded_columns') as c (name)
                where v_columns ? c.name and c.name <> all(v_key_columns)
            ),
            array(
                select c.name
                from jsonb_array_elements_text(v_before -> 'masked_columns') as c (name)
                where v_columns ? c.name and c.name <> all(v_key_columns)
            ),
            capture => (select v_before ->> 'capture' from plumb.audit_capture)
        );
    exception
        when others then v_report := format('cannot be audited: %s', sqlerrm);
    end;
    perform plumb.note_event(
        'table_replaced', v_relation, null, 'P2', 'the table that was audited',
        format('%s: %s', p_reason, v_report)
    );
end;
$$;
comment on function plumb.reaudit_table(regclass, text) is
'Audit a table that took the name of an audited one, and record that a person must accept it.';
