-- The shelf is what the ledger says: the quantity of a product is the sum of its movements.
create view plumb.stock_movement_balance as
select
    t.product_id as subject,
    format(
        'product %s has %s on the shelf but its movements add up to %s',
        t.product_id,
        t.quantity,
        t.movement_sum
    ) as explanation,
    t.quantity,
    t.movement_sum
from (
    select
        l.product_id,
        sum(l.quantity) as quantity,
        sum(l.delta) as movement_sum
    from (
        select s.product_id, s.quantity, 0 as delta
        from retail.stock as s
        union all
        select m.product_id, 0, m.delta
        from retail.stock_ledger as m
    ) as l
    group by l.product_id
    having sum(l.quantity) <> sum(l.delta)
) as t;
comment on view plumb.stock_movement_balance is
'Products whose stock differs from the sum of their movements. Empty means true.';
comment on column plumb.stock_movement_balance.subject is
'The key of the row that violates the invariant.';
comment on column plumb.stock_movement_balance.explanation is 'The violation in one sentence.';
comment on column plumb.stock_movement_balance.quantity is 'How many pieces the stock says.';
comment on column plumb.stock_movement_balance.movement_sum is 'The sum of the movements.';

select plumb.declare_invariant(
    'STOCK_MOVEMENT_BALANCE',
    'plumb.stock_movement_balance',
    'P2',
    'The stock of every product is the sum of its movements.'
);
select plumb.watch_table('STOCK_MOVEMENT_BALANCE', 'retail.stock', 'product_id');
select plumb.watch_table('STOCK_MOVEMENT_BALANCE', 'retail.stock_ledger', 'product_id');
