-- Renders a delivery as the HTTP request or the mail that its receiver expects.
create or replace function plumb.render_delivery(p_delivery_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
    select jsonb_build_object(
        'destination', d.destination,
        'url', u.url
    ) || case c.kind
        when 'email' then (
            select jsonb_build_object(
                'host', m.host,
                'port', m.port,
                'tls', m.is_tls,
                'startTls', m.is_start_tls,
                'secret', s.secret,
                'mail', plumb.render_email(d.message_id, u.url)
            )
            from plumb.mail_server(u.url) as m
        )
        else jsonb_build_object(
            'host', trim(both '[]' from u.parts[2]),
            'port', coalesce(
                substr(u.parts[3], 2)::integer, case u.parts[1] when 'https' then 443 else 80 end
            ),
            'tls', u.parts[1] = 'https',
            'headers', case
                when c.kind in ('webhook', 'ping') then jsonb_build_object(
                    'Plumb-Topic', o.topic,
                    'Idempotency-Key', format('"plumb-%s"', d.delivery_id)
                )
                else '{}'::jsonb
            end,
            'signingKey', case when c.kind in ('webhook', 'ping') then s.secret else '' end,
            'body', case c.kind
                when 'pagerduty' then plumb.render_pagerduty(d.message_id, d.action, s.secret)
                when 'slack' then b.message || case
                    when s.webhook_secret <> ''
                        then coalesce(plumb.render_slack_buttons(
                            d.message_id, b.message ->> 'text'
                        ), '{}')
                    else '{}'
                end
                when 'teams' then plumb.render_teams(d.message_id)
                when 'alertmanager' then plumb.render_alertmanager(
                    d.message_id, d.destination, d.action
                )
                else plumb.render_webhook(d.message_id)
            end::text
        )
    end
    from plumb.deliveries as d
    inner join plumb.destinations as c on c.destination = d.destination
    inner join plumb.outbox as o on o.message_id = d.message_id
    left join plumb.destination_secrets as s on s.destination = d.destination
    left join lateral plumb.render_slack(d.message_id) as b (message) on c.kind = 'slack'
    cross join lateral (
        select
            a.url,
            regexp_match(a.url, '^(https?)://([[][^]]+[]]|[^:/?]+)(:[0-9]+)?') as parts
        from (
            select case
                when c.kind = 'pagerduty' and coalesce(s.url, '') = ''
                    then plumb.secret_setting('pagerduty_url')
                -- Alertmanager is named by its own address, as Prometheus names it.
                when c.kind = 'alertmanager' and s.url !~ '://[^/]+/[^/]'
                    then rtrim(s.url, '/') || '/api/v2/alerts'
                else s.url
            end as url
        ) as a
    ) as u
    where d.delivery_id = p_delivery_id
$$;
comment on function plumb.render_delivery(bigint) is
'One delivery as an HTTP request, or as a mail and its server. Holds secrets.';
