-- Nothing can be on the shelf less than zero times. The ledger's trigger refuses the sale that
-- would cause it; this finds what came in beside the ledger: direct updates, restored data.
create view plumb.no_negative_stock as
select
    s.product_id as subject,
    format('product %s (%s) has %s on the shelf', s.product_id, p.sku, s.quantity) as explanation,
    p.sku,
    s.quantity
from retail.stock as s
left join retail.products as p on p.product_id = s.product_id
where s.quantity < 0;
comment on view plumb.no_negative_stock is 'Products whose stock is negative. Empty means true.';
comment on column plumb.no_negative_stock.subject is
'The key of the row that violates the invariant.';
comment on column plumb.no_negative_stock.explanation is 'The violation in one sentence.';
comment on column plumb.no_negative_stock.sku is 'The product''s stock keeping unit.';
comment on column plumb.no_negative_stock.quantity is 'How many pieces the stock says.';

select plumb.declare_invariant(
    'NO_NEGATIVE_STOCK', 'plumb.no_negative_stock', 'P1', 'No product has a negative stock.'
);
select plumb.watch_table('NO_NEGATIVE_STOCK', 'retail.stock', 'product_id');
