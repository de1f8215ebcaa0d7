-- A long log, made in one statement: its rows have the size and the spread of real ones, and
-- nothing that is measured on it reads their hashes.
insert into plumb.audit_log
select
    0, (1000000000 + g / 10)::text::xid8, clock_timestamp(), 1 + g % 10, 1, 'UPDATE',
    'retail.payments', (1000000000 + g % ({log_rows} / {versions}))::text, 'till', 'checkout',
    r.row_data, r.row_data, r.hash, null, r.hash, r.hash
from generate_series(0, {log_rows} - 1) as g
cross join lateral (
    select
        sha256(g::text::bytea) as hash,
        jsonb_build_object(
            'payment_id', 1000000000 + g, 'sale_id', g, 'customer_id', 17, 'amount', 60.00,
            'method', 'CARD', 'created_at', '2026-03-01T12:00:00+00:00'
        ) as row_data
) as r
