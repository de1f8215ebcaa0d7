-- Returns every figure of a report, section by section in the order of reading.
create or replace function plumb.summarize_period(p_from timestamptz, p_to timestamptz)
returns table (section text, measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select 'health', m.measure, m.title, m.unit, m.value
    from plumb.summarize_health(p_from, p_to) as m
    union all
    select 'integrity', m.* from plumb.summarize_integrity(p_from, p_to) as m
    union all
    select 'incidents', m.* from plumb.summarize_incidents(p_from, p_to) as m
    union all
    select 'security', m.* from plumb.summarize_security(p_from, p_to) as m
    union all
    select 'performance', m.* from plumb.summarize_performance(p_from, p_to) as m
    union all
    select 'backups', m.* from plumb.summarize_backups(p_from, p_to) as m
    union all
    select 'deployments', m.* from plumb.summarize_deployments(p_from, p_to) as m
    union all
    select 'audit', m.* from plumb.summarize_audit(p_from, p_to) as m
$$;
comment on function plumb.summarize_period(timestamptz, timestamptz) is
'Every figure of an executive report over a period: section, measure, title, unit, value.';
grant execute on function plumb.summarize_period(timestamptz, timestamptz) to plumb_reader;
