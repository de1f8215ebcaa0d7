-- Settings of the security engine: what is too much, how long it costs, what is remembered.
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
        'rate_limits_enabled', 'true', '', 'boolean', null, null, null,
        'Whether requests are counted and limited.'
    ),
    (
        'ipv6_prefix_length', '64', 'bits', 'integer', 32, 128, null,
        'IPv6 addresses alike in so many bits are one client: a subscriber has them all.'
    ),
    (
        'security_fails_open', 'false', '', 'boolean', null, null, null,
        'Whether requests pass while the database cannot say if they may.'
    ),
    (
        'reads_need_token', 'false', '', 'boolean', null, null, null,
        'Whether reading over HTTP needs a token too.'
    ),
    (
        'rate_abuse_refusals_max', '300', 'requests', 'integer', 1, 1000000, null,
        'Refusals in one window after which a client is blocked: it does not listen.'
    ),
    (
        'brute_force_window_seconds', '600', 's', 'integer', 10, 86400, null,
        'How far back failures count.'
    ),
    (
        'brute_force_failures_max', '10', '', 'integer', 1, 10000, null,
        'Failed logins and wrong tokens of one client in that time before it is blocked.'
    ),
    (
        'brute_force_refusals_max', '50', '', 'integer', 1, 100000, null,
        'HTTP 401 and 403 of one client in that time before it is blocked.'
    ),
    (
        'brute_force_account_failures_max', '50', '', 'integer', 1, 100000, null,
        'Failed logins to one account, from anywhere, that count as an attack on it.'
    ),
    (
        'override_failures_max', '3', '', 'integer', 1, 1000, null,
        'Wrong override tokens in that time that count as an attack.'
    ),
    (
        'block_seconds', '60', 's', 'integer', 1, 604800, null,
        'How long the first block lasts; each next twice as long.'
    ),
    (
        'block_seconds_max', '86400', 's', 'integer', 1, 31536000, null,
        'How long a block lasts at most.'
    ),
    (
        'block_memory_seconds', '604800', 's', 'integer', 0, 31536000, null,
        'How long a former block makes the next one longer.'
    ),
    (
        'server_log_reading', 'auto', '', 'choice', null, null, 'on,off,auto',
        'Failed logins from the server''s JSON log: on, off, or auto (where there is one).'
    ),
    (
        'server_log_bytes_max', '4194304', 'bytes', 'integer', 4096, 1073741824, null,
        'Most of the server''s log read in one scan.'
    ),
    (
        'api_call_retention_days', '365', 'days', 'integer', 1, 36500, null,
        'How long calls that write are kept.'
    ),
    (
        'rate_prune_interval_ms', '60000', 'ms', 'integer', 1000, 3600000, null,
        'How often counters of clients that went are deleted.'
    ),
    (
        'idempotency_ttl_seconds', '86400', 's', 'integer', 60, 2592000, null,
        'How long an answer is replayed.'
    ),
    (
        'idempotency_claim_seconds', '60', 's', 'integer', 1, 3600, null,
        'How long an answer may take before its key may be claimed again.'
    )
) as s (
    name, default_value, unit, kind, minimum, maximum, choices, description
);
