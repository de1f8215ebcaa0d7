-- Records what happened to a row where no statement fires triggers: logical replication applies
-- rows. It is enabled for the replica role only and the triggers of statements for every other, so
-- each change is recorded once. ENABLE TRIGGER ALL, with which pg_restore --disable-triggers ends,
-- would have it run beside them.
-- Its arguments are those of tg_audit_insert().
create or replace function plumb.tg_audit_row()
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
    if current_setting('session_replication_role') <> 'replica' then
        return null;
    end if;
    if tg_argv[2] = 'all' then
        v_formats := plumb.pin_formats();
    end if;
    insert into plumb.audit_intake (txid, op, relation, key, actor, app_user, old_row, new_row)
    values (
        pg_current_xact_id(), tg_op, tg_argv[0], tg_argv[1], session_user, plumb.app_user(),
        plumb.recorded_row(
            to_jsonb(old), concat(old), tg_argv[3]::text [], tg_argv[4]::text [],
            tg_argv[5]::text []
        ),
        plumb.recorded_row(
            to_jsonb(new), concat(new), tg_argv[3]::text [], tg_argv[4]::text [],
            tg_argv[5]::text []
        )
    );
    if v_formats is not null then
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_row() is 'Record a change of a row for the audit log.';
