-- A long log, made in one statement: its rows have the size and the spread of real ones, and
-- nothing that is measured on it reads their hashes.
insert into plumb.audit_blocks
select
    0,
    1 + b.number,
    (1000000000 + b.number)::text::xid8,
    2,
    1,
    10,
    array_agg(plumb.key_number('retail.payments', l.record_key))
    || plumb.table_number('retail.payments'),
    string_agg(
        format(
            '{{"n": %s, "position": %s, "occurred_at": "2026-03-01T12:00:00+00:00",'
            ' "op": "UPDATE", "relation": "retail.payments", "record_key": "%s", "actor": "till",'
            ' "app_user": "checkout", "old_row": %s, "new_row": %s}}',
            1 + l.g % 10, l.g, l.record_key, l.row_data, l.row_data
        ),
        e'\n' order by l.g
    ),
    string_agg(sha256(l.g::text::bytea), '' order by l.g),
    string_agg(sha256(l.g::text::bytea), '' order by l.g),
    null,
    sha256('before'),
    sha256('link')
from generate_series(0, {log_rows} / 10 - 1) as b (number)
cross join lateral (
    select
        g.g,
        (1000000000 + g.g % ({log_rows} / {versions}))::text as record_key,
        jsonb_build_object(
            'payment_id', 1000000000 + g.g, 'sale_id', g.g, 'customer_id', 17, 'amount', 60.00,
            'method', 'CARD', 'created_at', '2026-03-01T12:00:00+00:00'
        ) as row_data
    from generate_series(10 * b.number, 10 * b.number + 9) as g (g)
) as l
group by b.number
