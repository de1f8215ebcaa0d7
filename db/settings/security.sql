-- Settings of the security engine: what is too much, how long it costs, what is remembered.
select plumb.declare_setting(s.name, s.default_value, s.unit, s.description)
from (
    values
    ('rate_limits_enabled', 'true', '', 'Whether requests are counted and limited.'),
    (
        'ipv6_prefix_length', '64', 'bits',
        'IPv6 addresses alike in so many bits are one client: a subscriber has them all.'
    ),
    (
        'security_fails_open', 'false', '',
        'Whether requests pass while the database cannot say if they may.'
    ),
    ('reads_need_token', 'false', '', 'Whether reading over HTTP needs a token too.'),
    (
        'rate_abuse_refusals_max', '300', 'requests',
        'Refusals in one window after which a client is blocked: it does not listen.'
    ),
    ('brute_force_window_seconds', '600', 's', 'How far back failures count.'),
    (
        'brute_force_failures_max', '10', '',
        'Failed logins and wrong tokens of one client in that time before it is blocked.'
    ),
    (
        'brute_force_refusals_max', '50', '',
        'HTTP 401 and 403 of one client in that time before it is blocked.'
    ),
    (
        'brute_force_account_failures_max', '50', '',
        'Failed logins to one account, from anywhere, that count as an attack on it.'
    ),
    (
        'override_failures_max', '3', '',
        'Wrong override tokens in that time that count as an attack.'
    ),
    ('block_seconds', '60', 's', 'How long the first block lasts; each next twice as long.'),
    ('block_seconds_max', '86400', 's', 'How long a block lasts at most.'),
    ('block_memory_seconds', '604800', 's', 'How long a former block makes the next one longer.'),
    (
        'server_log_reading', 'auto', '',
        'Failed logins from the server''s JSON log: on, off, or auto (where there is one).'
    ),
    ('server_log_bytes_max', '4194304', 'bytes', 'Most of the server''s log read in one scan.'),
    ('api_call_retention_days', '365', 'days', 'How long calls that write are kept.'),
    (
        'rate_prune_interval_ms', '60000', 'ms',
        'How often counters of clients that went are deleted.'
    ),
    ('idempotency_ttl_seconds', '86400', 's', 'How long an answer is replayed.'),
    (
        'idempotency_claim_seconds', '60', 's',
        'How long an answer may take before its key may be claimed again.'
    )
) as s (name, default_value, unit, description);
