-- Where to read on. Receivers take absolute addresses only.
create or replace function plumb.alert_links(p_payload jsonb)
returns table (label text, href text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select l.label, l.href
    from (values
        ('runbook', p_payload ->> 'runbookUrl'),
        (
            'incident',
            nullif(plumb.setting('console_url'), '')
            || '/incidents/' || (p_payload ->> 'incidentId')
        )
    ) as l (label, href)
    where l.href ~ '^https?://[!-~]+$' and l.href !~ '[<>|"]'
$$;
comment on function plumb.alert_links(jsonb) is 'Runbook and incident as absolute addresses.';
