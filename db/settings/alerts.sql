-- Settings of alert delivery, and the four destinations.
-- A row: name, default, unit, kind, minimum, maximum, choices; then what it means.
select
    plumb.declare_setting(
        s.name,
        s.default_value,
        s.unit,
        s.description,
        s.kind,
        s.minimum::numeric,
        s.maximum::numeric,
        s.choices
    )
from (
    values
    (
        'dispatch_interval_ms', '5000', 'ms', 'integer', 1000, 3600000, null,
        'How often waiting alerts are sent.'
    ),
    (
        'dispatch_run_seconds_max', '45', 's', 'integer', 1, 110, null,
        'Longest that one dispatch run keeps claiming.'
    ),
    (
        'dispatch_batch_max', '100', '', 'integer', 1, 10000, null,
        'Most deliveries to one destination per claim.'
    ),
    (
        'route_batch_max', '1000', '', 'integer', 1, 100000, null,
        'Most outbox messages routed in one transaction.'
    ),
    (
        'delivery_connect_seconds_max', '4', 's', 'number', 0.1, 60, null,
        'Longest wait for a connection, TLS included.'
    ),
    (
        'delivery_seconds_max', '10', 's', 'number', 0.1, 100, null,
        'Longest that one request may take altogether.'
    ),
    (
        'delivery_claim_seconds', '120', 's', 'number', 1, 86400, null,
        'How long a claim counts; then its deliveries are sent again.'
    ),
    (
        'delivery_attempts_max', '20', '', 'integer', 1, 1000, null,
        'Attempts after which a delivery is dead.'
    ),
    (
        'delivery_age_seconds_max', '86400', 's', 'integer', 60, 2592000, null,
        'Age after which a waiting delivery is dead.'
    ),
    (
        'webhook_age_seconds_max', '172800', 's', 'integer', 300, 604800, null,
        'Age after which an event of PagerDuty is refused: it repeats what it could not deliver.'
    ),
    (
        'webhook_retention_days', '30', 'days', 'integer', 14, 3650, null,
        'How long events of PagerDuty and Slack are known, so that none is carried out twice.'
    ),
    (
        'delivery_backoff_seconds', '5', 's', 'number', 0, 3600, null,
        'Wait after the first failure; doubles, with jitter.'
    ),
    (
        'delivery_backoff_seconds_max', '900', 's', 'number', 0, 86400, null,
        'Longest wait between two attempts.'
    ),
    (
        'retry_after_seconds_max', '3600', 's', 'integer', 0, 86400, null,
        'Longest Retry-After that is obeyed.'
    ),
    (
        'circuit_failures', '5', '', 'integer', 1, 1000, null,
        'Failures in a row that open a destination''s circuit.'
    ),
    (
        'circuit_open_seconds', '30', 's', 'number', 0, 3600, null,
        'Pause when the circuit opens; doubles each time.'
    ),
    (
        'circuit_open_seconds_max', '600', 's', 'number', 0, 86400, null,
        'Longest pause of an open circuit.'
    ),
    (
        'delivery_retention_days', '30', 'days', 'integer', 1, 3650, null,
        'How long finished deliveries are kept.'
    ),
    (
        'alert_ca_file', '', '', 'path', null, null, null,
        'File of certificate authorities trusted besides the system''s.'
    ),
    (
        'plain_http_hosts', 'localhost,127.0.0.1,::1', '', 'hosts', null, null, null,
        'Hosts that alerts may reach without TLS.'
    ),
    (
        'pagerduty_url', 'https://events.pagerduty.com/v2/enqueue', 'URL', 'secret URL',
        null, null, null,
        'URL of PagerDuty''s events API (service region EU: https://events.eu.pagerduty.com/…).'
    ),
    (
        'page_on_open_priorities', '', '', 'list', null, null, 'P1,P2,P3,P4',
        'Priorities that page when they open, such as P1; the others page when they escalate.'
    ),
    (
        'console_url', '', 'URL', 'URL or empty', null, null, null,
        'Where people see incidents; alerts link to it when set.'
    ),
    (
        'service_url', '', 'URL', 'URL or empty', null, null, null,
        'Where the HTTP service listens, by `./plumb up`; alerts link to it without console_url.'
    ),
    (
        'flood_alerts_max', '20', '', 'integer', 0, 100000, null,
        'Most alerts of one source per window; 0 means no cap.'
    ),
    (
        'flood_window_seconds', '300', 's', 'integer', 1, 86400, null,
        'Window in which alerts of a source are counted against the cap.'
    ),
    (
        'heartbeat_interval_ms', '300000', 'ms', 'integer', 1000, 3600000, null,
        'How often the heartbeat is sent.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);

insert into plumb.destinations (destination, kind, priorities, topics, description)
values
(
    'pagerduty', 'pagerduty', '{P1,P2,P3}',
    array[
        'incident.escalated', 'incident.acknowledged', 'incident.unacknowledged',
        'incident.priority_raised', 'incident.resolved', 'incident.closed',
        'safe_mode.engaged', 'safe_mode.disengaged', 'flood.%'
    ],
    'PAGERDUTY_ROUTING_KEY: pages a person when an incident of P1 to P3 escalates.'
),
(
    'slack', 'slack', '{P1,P2,P3,P4}',
    array[
        'incident.opened', 'incident.reopened', 'incident.escalated', 'incident.acknowledged',
        'incident.unacknowledged', 'incident.priority_raised', 'incident.resolved',
        'incident.closed', 'safe_mode.engaged', 'safe_mode.disengaged', 'flood.%'
    ],
    'SLACK_WEBHOOK_URL: notifies a channel when an incident begins and ends.'
),
(
    'webhook', 'webhook', '{P1,P2,P3,P4}', array['%'],
    'ALERT_WEBHOOK_URL: every message, signed with ALERT_WEBHOOK_SECRET; the heartbeat too.'
),
(
    'executive', 'webhook', '{P1,P2,P3,P4}', array['report.%'],
    'EXECUTIVE_WEBHOOK_URL: the executive report, signed with EXECUTIVE_WEBHOOK_SECRET.'
)
on conflict (destination) do nothing;
