-- A statement is recorded as a whole, which costs a large one half of what it did; rows one by one
-- only where logical replication applies them. Its body comes with the other functions.
set local role plumb_owner;
create or replace function plumb.tg_audit_changes()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'plumb.tg_audit_changes() has no body yet'
        using errcode = 'PL005', hint = 'The migration that made it ends with it.';
end;
$$;
reset role;

-- Every table and partition whose changes are captured by triggers carries this one, with the
-- arguments that the others need.
do $$
declare
    v_member record;
begin
    for v_member in
        select
            t.tgrelid::regclass as name,
            substring(pg_get_triggerdef(t.oid) from 'tg_audit_truncate\((.*)\)$') as arguments,
            exists (
                select from pg_trigger as r
                where
                    r.tgrelid = t.tgrelid
                    and r.tgname = 'plumb_audit_row'
                    and r.tgfoid = to_regprocedure('plumb.tg_audit_row()')
            ) as has_rows
        from pg_trigger as t
        where
            t.tgname = 'plumb_audit_truncate'
            and t.tgfoid = to_regprocedure('plumb.tg_audit_truncate()')
    loop
        execute format(
            'create trigger plumb_audit_insert after insert on %s referencing new table as new_rows'
            ' for each statement execute function plumb.tg_audit_changes(%s)',
            v_member.name, v_member.arguments
        );
        execute format(
            'create trigger plumb_audit_update after update on %s'
            ' referencing old table as old_rows new table as new_rows'
            ' for each statement execute function plumb.tg_audit_changes(%s)',
            v_member.name, v_member.arguments
        );
        execute format(
            'create trigger plumb_audit_delete after delete on %s referencing old table as old_rows'
            ' for each statement execute function plumb.tg_audit_changes(%s)',
            v_member.name, v_member.arguments
        );
        if v_member.has_rows then
            execute format(
                'alter table %s enable replica trigger plumb_audit_row', v_member.name
            );
        end if;
    end loop;
end;
$$;
