-- Brings the triggers of an audited table and its partitions to what they must be, leaving
-- alone what already is: attaching stops writers for a moment. Runs as the superuser, for the
-- table is not ours, and in a role of replication that nobody else may take: so that an
-- application cannot pass its own DDL off as this.
reset role;
create or replace function plumb.attach_audit(p_relation text, p_new_members text[] default null)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set session_replication_role = replica
as $$
declare
    v_trigger record;
    v_member regclass;
    v_actions text;
begin
    -- What this does to the table is no change of its shape.
    perform set_config('plumb.audit_attaching', 'on', true);
    perform plumb.grant_inspection(plumb.find_relation(p_relation));
    perform plumb.publish_audit(p_relation, p_new_members);
    -- Those of the other way to capture its changes.
    for v_trigger in
        select t.tgrelid::regclass as member, t.tgname as name
        from plumb.audit_members(plumb.find_relation(p_relation)) as m
        inner join pg_trigger as t on t.tgrelid = m.member
        where
            p_new_members is null
            and t.tgparentid = 0
            and t.tgname in (
                'plumb_audit_insert', 'plumb_audit_update', 'plumb_audit_delete', 'plumb_audit_row',
                'plumb_audit_statement', 'plumb_audit_truncate'
            )
            and t.tgname not in (select w.name from plumb.audit_triggers(p_relation) as w)
        order by t.tgrelid, t.tgname
    loop
        execute format('drop trigger %I on %s', v_trigger.name, v_trigger.member);
    end loop;
    for v_trigger in
        select w.*
        from plumb.audit_triggers(p_relation) as w
        where not exists (
            select from pg_trigger as t
            where
                t.tgrelid = w.member
                and t.tgname = w.name
                and t.tgtype = w.type
                and t.tgenabled = w.enabled
                and t.tgfoid = w.function_oid
                and t.tgargs = w.arguments
                and t.tgqual is null
        )
        -- Following DDL must not undo what was done to a trigger on purpose: that must be found.
        and (
            p_new_members is null
            or plumb.relation_name(w.member) = any(p_new_members)
            or exists (
                select from pg_trigger as t
                where t.tgrelid = w.member and t.tgname = w.name and t.tgargs <> w.arguments
            )
        )
        order by w.member::oid, w.name
    loop
        -- One ALTER TABLE for each table: event triggers look at all tables after each of them.
        if v_member <> v_trigger.member then
            execute format('alter table %s %s', v_member, v_actions);
            v_actions := null;
        end if;
        v_member := v_trigger.member;
        execute v_trigger.statement;
        v_actions := concat_ws(
            ', ',
            v_actions,
            format(
                'enable %s trigger %I',
                case v_trigger.enabled when 'A' then 'always' when 'R' then 'replica' else '' end,
                v_trigger.name
            )
        );
    end loop;
    if v_actions is not null then
        execute format('alter table %s %s', v_member, v_actions);
    end if;
    perform set_config('plumb.audit_attaching', '', true);
end;
$$;
comment on function plumb.attach_audit(text, text[]) is
'Create or repair the audit triggers of a table and its partitions, or only those of new ones.';
revoke execute on function plumb.attach_audit(text, text[]) from public;
grant execute on function plumb.attach_audit(text, text[]) to plumb_owner;
