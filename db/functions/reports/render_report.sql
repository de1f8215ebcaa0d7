-- Renders the figures of a report as words, one function for each section: a status and one to
-- three sentences. What is unknown is said first, because it is not green.
create or replace function plumb.render_report(p_now jsonb, p_before jsonb)
returns table (section text, title text, status text, sentence text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.section, s.title, s.status, s.sentence
    from (
        select 1, 'health', 'Health', r.*
        from plumb.report_health(p_now, p_before) as r
        union all
        select 2, 'integrity', 'Data integrity', r.*
        from plumb.report_integrity(p_now, p_before) as r
        union all
        select 3, 'incidents', 'Incidents', r.*
        from plumb.report_incidents(p_now, p_before) as r
        union all
        select 4, 'security', 'Security', r.*
        from plumb.report_security(p_now, p_before) as r
        union all
        select 5, 'performance', 'Performance', r.*
        from plumb.report_performance(p_now, p_before) as r
        union all
        select 6, 'backups', 'Backups', r.*
        from plumb.report_backups(p_now, p_before) as r
        union all
        select 7, 'deployments', 'Deployments', r.*
        from plumb.report_deployments(p_now, p_before) as r
        union all
        select 8, 'audit', 'Audit log', r.*
        from plumb.report_audit(p_now, p_before) as r
    ) as s (position, section, title, status, sentence)
    order by s.position
$$;
comment on function plumb.render_report(jsonb, jsonb) is
'Sections of a report in words, from its figures and those of the period before; status is good,
attention, bad or unknown.';
grant execute on function plumb.render_report(jsonb, jsonb) to plumb_reader;
