-- Returns what kind of webhook an address is: Slack and Teams take messages of their own form only,
-- and a generic one sent there would be refused. Anything else is left as it is.
create or replace function plumb.webhook_kind(p_url text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when
            p_url ~ '^https?://hooks\.slack(-gov)?\.com/'
            or p_url ~ '^https?://[^/]+/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]+$'
            then 'slack'
        when
            p_url ~ '^https://[^/]+[.](webhook[.]office|logic[.]azure|powerplatform)[.]com[/:]'
            or p_url ~ '^https?://[^/]+/webhookb2/'
            or p_url ~ '^https?://[^/]+/(powerautomate/automations/direct/)?workflows/'
            then 'teams'
        else 'webhook'
    end
$$;
comment on function plumb.webhook_kind(text) is 'slack, teams or webhook, by the address.';
