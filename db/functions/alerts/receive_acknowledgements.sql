-- Lets a destination send acknowledgements back. The secret is what PagerDuty (webhook
-- subscription) or Slack (app, Signing Secret) signs its requests with. Messages never repeat it.
create or replace function plumb.receive_acknowledgements(p_destination text, p_secret text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind text;
    v_secret constant text := trim(coalesce(p_secret, ''));
begin
    select d.kind into v_kind from plumb.destinations as d where d.destination = p_destination;
    if not found then
        raise exception 'there is no destination %', plumb.shown_name(p_destination)
            using errcode = 'PL001', hint = 'select destination from plumb.destination_status;';
    elsif v_kind not in ('pagerduty', 'slack') then
        raise exception 'destination % of kind % sends no acknowledgements', p_destination, v_kind
            using errcode = 'PL002', hint = 'Destinations of kind pagerduty and slack do.';
    elsif v_secret <> '' and v_secret !~ '^[!-~]{16,200}$' then
        raise exception
            'the webhook secret of destination % must be 16 to 200 printable characters, not %',
            p_destination, length(v_secret)
            using
                errcode = 'PL002',
                hint = 'PagerDuty shows it once when the subscription is made;'
                    ' Slack: Basic Information, Signing Secret.';
    end if;
    update plumb.destination_secrets as s
    set webhook_secret = v_secret, updated_at = plumb.current_time()
    where s.destination = p_destination and s.webhook_secret <> v_secret;
    if not found and not exists (
        select from plumb.destination_secrets as s where s.destination = p_destination
    ) then
        raise exception 'destination % is not connected', p_destination
            using
                errcode = 'PL005',
                hint = format(
                    'First: select plumb.connect_destination(%L, ''address'', ''key'');',
                    p_destination
                );
    end if;
end;
$$;
comment on function plumb.receive_acknowledgements(text, text) is
'Let a destination (pagerduty, slack) acknowledge over POST /webhooks; an empty secret ends it.';
grant execute on function plumb.receive_acknowledgements(text, text) to plumb_admin;
