-- Returns the links of an alert: its runbook and its incident. Receivers take absolute addresses
-- only; where runbooks are named by a path, the HTTP service shows them, at console_url or where
-- `./plumb up` started it.
create or replace function plumb.alert_links(p_payload jsonb)
returns table (label text, href text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select l.label, l.href
    from (
        select coalesce(
            nullif(rtrim(plumb.setting('console_url'), '/'), ''),
            nullif(plumb.setting('service_url'), '')
        ) as console_url
    ) as c
    cross join lateral (values
        (
            'runbook',
            case
                when p_payload ->> 'runbookUrl' ~ '^https?://' then p_payload ->> 'runbookUrl'
                else c.console_url
                || '/runbooks/' || substring(p_payload ->> 'runbookUrl' from '([^/]+)[.]md$')
            end
        ),
        ('incident', c.console_url || '/incidents/' || (p_payload ->> 'incidentId')),
        ('report', c.console_url || '/reports/executive/' || (p_payload ->> 'executiveReportId'))
    ) as l (label, href)
    where l.href ~ '^https?://[!-~]+$' and l.href !~ '[<>|"]'
$$;
comment on function plumb.alert_links(jsonb) is
'Runbook, incident and report as absolute addresses.';
