-- Records that DDL switched off, replaced or renamed a trigger of an audited table. That is also to
-- be known when the trigger is as it should be again: what was written meanwhile is not in the log.
create or replace function plumb.note_changed_triggers(
    p_table plumb.audited_tables, p_root regclass, p_tag text
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    c_ours constant oid [] := array[
        'plumb.tg_audit_insert()'::regprocedure,
        'plumb.tg_audit_update()'::regprocedure,
        'plumb.tg_audit_delete()'::regprocedure,
        'plumb.tg_audit_row()'::regprocedure,
        'plumb.tg_audit_statement()'::regprocedure,
        'plumb.tg_audit_truncate()'::regprocedure
    ];
    c_names constant text [] := array[
        'plumb_audit_insert', 'plumb_audit_update', 'plumb_audit_delete', 'plumb_audit_row',
        'plumb_audit_statement', 'plumb_audit_truncate'
    ];
    v_changed text;
begin
    select string_agg(format('%s on %s', t.tgname, m.member), ', ' order by t.tgname, m.member)
    into v_changed
    from plumb.audit_members(p_root) as m
    inner join pg_trigger as t on t.tgrelid = m.member and not t.tgisinternal
    where
        (t.tgfoid = any(c_ours) and t.tgname <> all(c_names))
        or (
            t.tgname = any(c_names)
            and (
                t.tgfoid <> all(c_ours)
                or t.tgqual is not null
                or t.tgattr <> ''
                or t.tgenabled <> case
                    when t.tgname = 'plumb_audit_row' then 'R'
                    when t.tgname in ('plumb_audit_statement', 'plumb_audit_truncate') then 'A'
                    else 'O'
                end
            )
        );
    if v_changed is not null then
        perform plumb.note_event(
            'trigger_was_changed',
            p_table.relation,
            plumb.ddl_reason(p_tag),
            'P2',
            'triggers that nobody touches',
            left(v_changed, 500)
        );
    end if;
end;
$$;
comment on function plumb.note_changed_triggers(plumb.audited_tables, regclass, text) is
'Record that the triggers of an audited table are not as they were attached.';
