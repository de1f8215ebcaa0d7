-- The pieces go back to the shelf, which then says what the ledger says.
create or replace function demo.repair_stock_movement_balance(p_memo jsonb)
returns text
language sql
volatile
as $$
    update retail.stock as s
    set quantity = s.quantity + (p_memo ->> 'taken')::integer
    where s.product_id = (p_memo ->> 'product_id')::bigint
    returning format('Put product %s back to %s, as its ledger says.', s.product_id, s.quantity)
$$;
comment on function demo.repair_stock_movement_balance(jsonb) is 'Undo the change by hand.';
