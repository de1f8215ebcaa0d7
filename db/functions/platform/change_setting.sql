-- Changes a setting, and keeps who did so and why. What depends on it follows at once: a job its
-- interval, a guard its schema.
create or replace function plumb.change_setting(
    p_name text, p_value text, p_reason text default null, p_by text default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The trigger of the table refuses what the setting does not take.
    update plumb.settings
    set value = p_value, updated_at = plumb.current_time(), changed_by = p_by, reason = p_reason
    where name = p_name;
    if not found then
        raise exception 'there is no setting %', quote_nullable(p_name)
            using errcode = 'PL001', hint = 'select name, description from plumb.settings;';
    end if;
    perform plumb.schedule_job(j.job_name)
    from plumb.jobs as j
    where j.interval_setting = p_name;
    if p_name = 'guarded_schemas' then
        perform plumb.guard_schemas();
    end if;
end;
$$;
comment on function plumb.change_setting(text, text, text, text) is
'Set a setting, with the reason and the person; null returns to the default. Jobs whose interval
it is are rescheduled.';
grant execute on function plumb.change_setting(text, text, text, text) to plumb_operator;
