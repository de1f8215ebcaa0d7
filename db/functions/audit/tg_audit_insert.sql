-- Records what an INSERT added, and no more: sealing makes the log of it.
--
-- The arguments of the trigger are the name under which the table is logged (its own, or its
-- root's when it is a partition) and its key; where rows are not recorded as they are, also
-- whether settings of the session other than the time zone shape them ('all' or ''), and the
-- columns to exclude and to mask, and for values that JSON does not tell apart what
-- plumb.exact_arguments() says. It runs as the owner of the log, so that an application needs no
-- right on it, and with a search_path of its own: a plan that depended on the caller's would be
-- made anew each time a function with another one fires it.
--
-- Applications wait for this, and a transaction prepares each expression of a function anew. So
-- what most tables need is one plain statement; what it leaves out is dealt with after it.
create or replace function plumb.tg_audit_insert()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set "TimeZone" = 'UTC'
as $$
declare
    v_formats jsonb;
begin
    insert into plumb.audit_intake (txid, op, relation, key, actor, app_user, new_row)
    select
        pg_current_xact_id(), 'INSERT', tg_argv[0], tg_argv[1], session_user, plumb.app_user(),
        to_jsonb(n.*)
    from new_rows as n
    where tg_nargs = 2;
    if not found then
        if tg_argv[2] = 'all' then
            v_formats := plumb.pin_formats();
        end if;
        insert into plumb.audit_intake (txid, op, relation, key, actor, app_user, new_row)
        select
            pg_current_xact_id(), 'INSERT', tg_argv[0], tg_argv[1], session_user, plumb.app_user(),
            plumb.recorded_row(
                to_jsonb(n.*), concat(n.*), tg_argv[3]::text [], tg_argv[4]::text [],
                tg_argv[5]::text []
            )
        from new_rows as n;
        if v_formats is not null then
            perform plumb.unpin_formats(v_formats);
        end if;
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_insert() is 'Record what an INSERT added for the audit log.';
