-- Finds products whose stock is not the sum of their movements in the ledger, and sales whose
-- movements are not what was sold: what a sale sold left the stock for it, no more came back, and a
-- cancelled sale may have been stopped before its goods left.
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
    t.movement_sum,
    null::bigint as sale_id,
    null::bigint as sold,
    null::bigint as gone,
    null::bigint as returned
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
) as t
union all
select
    g.product_id,
    format(
        'sale %s sold %s of product %s, but %s left the shelf for it and %s came back',
        g.sale_id,
        g.sold,
        g.product_id,
        g.gone,
        g.returned
    ),
    null,
    null,
    g.sale_id,
    g.sold,
    g.gone,
    g.returned
from (
    select
        l.product_id,
        l.sale_id,
        sum(l.sold) as sold,
        sum(l.gone) as gone,
        sum(l.returned) as returned
    from (
        select i.product_id, i.sale_id, i.quantity as sold, 0 as gone, 0 as returned
        from retail.sale_items as i
        union all
        select
            m.product_id,
            m.sale_id,
            0,
            case when m.reason = 'SALE' then -m.delta else 0 end,
            case when m.reason = 'RETURN' then m.delta else 0 end
        from retail.stock_ledger as m
        where m.sale_id is not null
    ) as l
    group by l.product_id, l.sale_id
    having sum(l.gone) <> sum(l.sold) or sum(l.returned) > sum(l.gone)
) as g
-- Lines without a sale are another invariant's business.
inner join retail.sales as s on s.sale_id = g.sale_id
where s.status <> 'CANCELLED' or g.gone > g.sold or g.returned > g.gone;
comment on view plumb.stock_movement_balance is
'Products whose stock, movements and sold pieces do not fit together. Empty means true.';
comment on column plumb.stock_movement_balance.subject is
'The key of the row that violates the invariant.';
comment on column plumb.stock_movement_balance.explanation is 'The violation in one sentence.';
comment on column plumb.stock_movement_balance.quantity is
'How many pieces the stock says; null where a sale is what does not fit.';
comment on column plumb.stock_movement_balance.movement_sum is
'The sum of the movements; null where a sale is what does not fit.';
comment on column plumb.stock_movement_balance.sale_id is
'The sale whose movements do not fit; null where stock and movements differ.';
comment on column plumb.stock_movement_balance.sold is 'How many pieces its lines sold.';
comment on column plumb.stock_movement_balance.gone is 'How many left the shelf for it.';
comment on column plumb.stock_movement_balance.returned is 'How many came back.';

select plumb.declare_invariant(
    'STOCK_MOVEMENT_BALANCE',
    'plumb.stock_movement_balance',
    'P2',
    'The stock of every product is the sum of its movements, and what was sold left the shelf.'
);
select plumb.watch_table('STOCK_MOVEMENT_BALANCE', 'retail.stock', 'product_id');
select plumb.watch_table('STOCK_MOVEMENT_BALANCE', 'retail.stock_ledger', 'product_id');
select plumb.watch_table('STOCK_MOVEMENT_BALANCE', 'retail.sale_items', 'product_id');
