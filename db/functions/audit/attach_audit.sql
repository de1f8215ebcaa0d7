-- Brings the triggers of an audited table and its partitions to what they must be, leaving
-- alone what already is: attaching stops writers for a moment. Runs as the superuser, for the
-- table is not ours.
reset role;
create or replace function plumb.attach_audit(p_relation text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_trigger record;
begin
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
        order by w.member::oid, w.name
    loop
        execute v_trigger.statement;
        execute format(
            'alter table %s enable %s trigger %I',
            v_trigger.member,
            case v_trigger.enabled when 'A' then 'always' when 'R' then 'replica' else '' end,
            v_trigger.name
        );
    end loop;
end;
$$;
comment on function plumb.attach_audit(text) is
'Create or mend the audit triggers of an audited table and its partitions.';
revoke execute on function plumb.attach_audit(text) from public;
grant execute on function plumb.attach_audit(text) to plumb_owner;
