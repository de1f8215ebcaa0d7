-- Returns an interval as a schedule of pg_cron. pg_cron knows only steps that divide a minute, an
-- hour or a day; another interval would run at other times than requested, so it is refused. A
-- daily job runs at 03:00, when few people work.
create or replace function plumb.cron_schedule(p_interval_ms bigint, p_has_seconds boolean)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seconds constant bigint := p_interval_ms / 1000;
    v_minutes constant bigint := p_interval_ms / 60000;
    v_hours constant bigint := p_interval_ms / 3600000;
begin
    if p_interval_ms % 1000 = 0 and v_seconds between 1 and 59 then
        -- pg_cron before 1.5 knows no seconds: the job starts each minute and repeats its work
        -- within that minute (plumb.repeat_job).
        return case when p_has_seconds then v_seconds || ' seconds' else '* * * * *' end;
    elsif p_interval_ms % 60000 = 0 and v_minutes between 1 and 59 and 60 % v_minutes = 0 then
        return case when v_minutes = 1 then '* * * * *' else format('*/%s * * * *', v_minutes) end;
    elsif p_interval_ms % 3600000 = 0 and v_hours between 1 and 23 and 24 % v_hours = 0 then
        return case when v_hours = 1 then '0 * * * *' else format('0 */%s * * *', v_hours) end;
    elsif p_interval_ms = 86400000 then
        return '0 3 * * *';
    end if;
    raise exception 'pg_cron cannot run a job every % ms', p_interval_ms
        using errcode = 'PL003',
        hint = 'Use 1 to 59 whole seconds, minutes that divide 60, hours that divide 24, or 1 day.';
end;
$$;
comment on function plumb.cron_schedule(bigint, boolean) is
'pg_cron''s schedule for an interval in milliseconds; PL003 where it has none.';
