-- Records what happened to a row, and no more: sealing makes the log of it. Every session and
-- logical replication fire it, because it is enabled always.
-- The arguments of the trigger, in this order, are the name under which the table is logged (its
-- own, or its root's when it is a partition), its key, which of the session's formats its columns
-- depend on ('', zone or all), and, when there are any, the columns to exclude and to mask. It runs
-- as the owner of the log, so that an application needs no right on it, and with a search_path of
-- its own: a plan that depended on the caller's would be made anew each time a function with
-- another one fires it.
create or replace function plumb.tg_audit_row()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_formats jsonb;
begin
    if tg_argv[2] <> '' then
        if tg_argv[2] = 'all' or current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT') then
            v_formats := plumb.pin_formats();
        end if;
    end if;
    if tg_nargs = 3 then
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
        )
        values (
            pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(), to_jsonb(old), to_jsonb(new)
        );
    else
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
        )
        values (
            pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(),
            plumb.audit_payload(to_jsonb(old), tg_argv[3]::text [], tg_argv[4]::text []),
            plumb.audit_payload(to_jsonb(new), tg_argv[3]::text [], tg_argv[4]::text [])
        );
    end if;
    if v_formats is not null then
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_row() is 'Record a change of a row for the audit log.';
