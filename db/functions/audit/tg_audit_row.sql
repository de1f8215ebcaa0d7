-- Records what happened to a row where no statement fires triggers: logical replication applies
-- rows. It is enabled for the replica role only and the triggers of statements for every other, so
-- each change is recorded once.
-- Its arguments are those of tg_audit_changes().
create or replace function plumb.tg_audit_row()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_excluded constant text [] := tg_argv[3]::text [];
    v_masked constant text [] := tg_argv[4]::text [];
    v_formats jsonb;
begin
    if tg_argv[2] <> '' then
        if tg_argv[2] = 'all' or current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT') then
            v_formats := plumb.pin_formats();
        end if;
    end if;
    insert into plumb.audit_intake (
        txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
    )
    values (
        pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
        plumb.app_user(),
        plumb.recorded_row(to_jsonb(old), v_excluded, v_masked),
        plumb.recorded_row(to_jsonb(new), v_excluded, v_masked)
    );
    if v_formats is not null then
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_row() is 'Record a change of a row for the audit log.';
