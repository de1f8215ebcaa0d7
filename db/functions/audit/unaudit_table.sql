-- Ends the auditing of a table. The log keeps what it has, and records that auditing ended and who
-- ended it.
reset role;
create or replace function plumb.unaudit_table(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before plumb.audited_tables;
    v_trigger record;
begin
    -- What was written until now comes before the end.
    perform plumb.lock_captured(plumb.relation_name(p_relation), true);
    update plumb.audited_tables as a
    set capture = 'trigger'
    where a.relation = plumb.relation_name(p_relation) and a.capture = 'wal';
    if found then
        perform plumb.publish_audit(plumb.relation_name(p_relation));
    end if;
    delete from plumb.audited_tables as a
    where a.relation = plumb.relation_name(p_relation)
    returning a.* into v_before;
    if not found then
        raise exception '% is not audited', coalesce(p_relation::text, 'null')
            using errcode = 'PL001', hint = 'select relation from plumb.audited_tables;';
    end if;
    perform plumb.append_audit(
        'UNAUDIT', 'plumb.audited_tables', 'relation', to_jsonb(v_before), null
    );
    delete from plumb.audit_reconciliations as r where r.relation = v_before.relation;
    for v_trigger in
        select t.tgrelid::regclass as member, t.tgname as name
        from pg_trigger as t
        inner join plumb.audit_members(p_relation) as m on m.member = t.tgrelid
        where t.tgname ~ '^plumb_audit_' and t.tgparentid = 0 and not t.tgisinternal
    loop
        execute format('drop trigger %I on %s', v_trigger.name, v_trigger.member);
    end loop;
    perform plumb.revoke_inspection(p_relation);
end;
$$;
comment on function plumb.unaudit_table(regclass) is 'Stop auditing a table; the log says so.';
revoke execute on function plumb.unaudit_table(regclass) from public;
grant execute on function plumb.unaudit_table(regclass) to plumb_admin, plumb_owner;
