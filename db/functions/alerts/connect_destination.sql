-- Gives a destination its address and its key. Both are checked here, so that a mistake is refused
-- when it is made and not found when the first alert is lost. The messages never repeat the secret.
create or replace function plumb.connect_destination(
    p_destination text, p_url text, p_secret text default ''
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind text;
    v_url constant text := trim(coalesce(p_url, ''));
    v_secret constant text := trim(coalesce(p_secret, ''));
begin
    select d.kind into v_kind from plumb.destinations as d where d.destination = p_destination;
    if not found then
        raise exception 'there is no destination %', plumb.shown_name(p_destination)
            using errcode = 'PL001', hint = 'select destination from plumb.destination_status;';
    end if;
    if v_kind = 'pagerduty' and v_secret !~ '^[A-Za-z0-9]{32}$' then
        raise exception 'the routing key of destination % must be 32 letters and digits, not %',
            p_destination, length(v_secret)
            using errcode = 'PL002', hint = 'PagerDuty: Service, Integrations, Events API v2.';
    elsif v_kind = 'email' then
        perform plumb.expect_mail_url(p_destination, v_url, v_secret);
    elsif v_kind <> 'pagerduty' or v_url <> '' then
        perform plumb.expect_alert_url(p_destination, v_url);
    end if;
    if p_destination in ('webhook', 'executive') then
        -- Their variables take any address; what Slack or Teams would refuse is never sent there.
        update plumb.destinations as d
        set kind = plumb.webhook_kind(v_url)
        where d.destination = p_destination and d.kind <> plumb.webhook_kind(v_url);
    end if;
    insert into plumb.destination_secrets (destination, url, secret, updated_at)
    values (p_destination, v_url, v_secret, plumb.current_time())
    on conflict (destination) do update
    set url = excluded.url, secret = excluded.secret, updated_at = excluded.updated_at
    where
        (destination_secrets.url, destination_secrets.secret)
        is distinct from (excluded.url, excluded.secret);
    if found then
        -- A new address owes nothing to the failures of the old one.
        update plumb.destinations as d
        set failure_count = 0, circuit_open_count = 0, paused_until = null, last_error = null
        where d.destination = p_destination;
    end if;
end;
$$;
comment on function plumb.connect_destination(text, text, text) is
'Give a destination its address and key; PL002 when they cannot be right.';
grant execute on function plumb.connect_destination(text, text, text) to plumb_admin;
