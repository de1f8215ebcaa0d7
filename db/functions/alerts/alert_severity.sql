-- Returns a priority as the severity that PagerDuty and Alertmanager know; a message without a
-- priority is critical.
create or replace function plumb.alert_severity(p_priority text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case p_priority
        when 'P2' then 'error'
        when 'P3' then 'warning'
        when 'P4' then 'info'
        else 'critical'
    end
$$;
comment on function plumb.alert_severity(text) is 'critical, error, warning or info.';
