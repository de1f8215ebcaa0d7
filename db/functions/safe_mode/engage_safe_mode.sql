-- Engages safe mode: every write to the guarded tables is refused from now on. A second call
-- changes nothing and is no error: two callers may need it at the same time.
create or replace function plumb.engage_safe_mode(
    p_reason text, p_enabled_by text, p_is_automatic boolean default false
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
begin
    perform plumb.expect_text('the reason for safe mode', p_reason);
    perform plumb.expect_text('the name of the person', p_enabled_by);
    perform plumb.lock_system_mode();
    update plumb.system_mode
    set
        mode = 'safe',
        reason = p_reason,
        enabled_by = p_enabled_by,
        enabled_at = v_now,
        is_automatic = p_is_automatic,
        override_failure_count = 0,
        override_locked_until = null
    where id = 1 and mode = 'normal';
    if found then
        -- A trigger of system_mode has raised the flag: new DDL is refused. DDL that began before
        -- is ended here.
        perform plumb.end_guarded_ddl();
        insert into plumb.system_mode_changes (mode, reason, actor, is_automatic, changed_at)
        values ('safe', p_reason, p_enabled_by, p_is_automatic, v_now);
        insert into plumb.outbox (topic, dedup_key, payload, created_at)
        values ('safe_mode.engaged', 'plumb:safe_mode', plumb.describe_system_mode(), v_now);
    end if;
    return plumb.describe_system_mode();
end;
$$;
comment on function plumb.engage_safe_mode(text, text, boolean) is
'Refuse writes to guarded tables from now on; returns the mode as JSON.';
grant execute on function plumb.engage_safe_mode(text, text, boolean)
to plumb_operator, plumb_api;
