-- Settings are changed through here, so that a number stays a number, a job follows its
-- interval and a guard its schema, at once.
create or replace function plumb.change_setting(p_name text, p_value text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_default text;
begin
    select s.default_value into v_default from plumb.settings as s where s.name = p_name;
    if not found then
        raise exception 'there is no setting %', quote_nullable(p_name)
            using errcode = 'PL001', hint = 'select name, description from plumb.settings;';
    end if;
    if v_default ~ '^-?[0-9.]+$' and p_value !~ '^-?[0-9]+(\.[0-9]+)?$' then
        raise exception 'setting % takes a number, not %', p_name, quote_literal(p_value)
            using errcode = 'PL002', hint = format('Its default is %s.', v_default);
    end if;
    if v_default in ('true', 'false') and p_value not in ('true', 'false') then
        raise exception 'setting % takes true or false, not %', p_name, quote_literal(p_value)
            using errcode = 'PL002', hint = format('Its default is %s.', v_default);
    end if;
    if v_default in ('P1', 'P2', 'P3', 'P4') and p_value not in ('P1', 'P2', 'P3', 'P4') then
        raise exception 'setting % takes a priority, not %', p_name, quote_literal(p_value)
            using errcode = 'PL002', hint = format('P1 to P4. Its default is %s.', v_default);
    end if;
    update plumb.settings
    set value = p_value, updated_at = plumb.current_time()
    where name = p_name;
    perform plumb.schedule_job(j.job_name)
    from plumb.jobs as j
    where j.interval_setting = p_name;
    if p_name = 'guarded_schemas' then
        perform plumb.guard_schemas();
    end if;
end;
$$;
comment on function plumb.change_setting(text, text) is
'Set a setting; null returns to the default. Jobs whose interval it is are rescheduled.';
grant execute on function plumb.change_setting(text, text) to plumb_operator;
