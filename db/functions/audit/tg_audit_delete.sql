-- Records what a DELETE took away; its arguments and its form are those of tg_audit_insert().
create or replace function plumb.tg_audit_delete()
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
    insert into plumb.audit_intake (txid, op, relation, key, actor, app_user, old_row)
    select
        pg_current_xact_id(), 'DELETE', tg_argv[0], tg_argv[1], session_user, plumb.app_user(),
        to_jsonb(o.*)
    from old_rows as o
    where tg_nargs = 2;
    if not found then
        if tg_argv[2] = 'all' then
            v_formats := plumb.pin_formats();
        end if;
        insert into plumb.audit_intake (txid, op, relation, key, actor, app_user, old_row)
        select
            pg_current_xact_id(), 'DELETE', tg_argv[0], tg_argv[1], session_user, plumb.app_user(),
            plumb.recorded_row(
                to_jsonb(o.*), concat(o.*), tg_argv[3]::text [], tg_argv[4]::text [],
                tg_argv[5]::text []
            )
        from old_rows as o;
        if v_formats is not null then
            perform plumb.unpin_formats(v_formats);
        end if;
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_delete() is
'Record what a DELETE took away for the audit log.';
