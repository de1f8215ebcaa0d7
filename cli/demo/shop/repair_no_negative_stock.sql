-- Books the pieces that a stock-take found and that were never recorded.
create or replace function demo.repair_no_negative_stock(p_memo jsonb)
returns text
language sql
volatile
as $$
    insert into retail.stock_ledger (product_id, delta, reason)
    values ((p_memo ->> 'product_id')::bigint, (p_memo ->> 'missing')::integer, 'ADJUSTMENT')
    returning format(
        'Counted product %s and booked an ADJUSTMENT of +%s; the shelf says %s now.',
        product_id, delta, balance_after
    )
$$;
comment on function demo.repair_no_negative_stock(jsonb) is 'Book the missing pieces in.';
