-- The foreign key forbids a line without its sale; a load under the replica role or a disabled
-- constraint trigger does not ask it.
create view plumb.no_orphaned_sale_items as
select
    i.sale_item_id as subject,
    format(
        'line %s belongs to sale %s, which does not exist', i.sale_item_id, i.sale_id
    ) as explanation,
    i.sale_id,
    i.product_id,
    i.quantity,
    i.line_total
from retail.sale_items as i
where not exists (
    select from retail.sales as s
    where s.sale_id = i.sale_id
);
comment on view plumb.no_orphaned_sale_items is
'Sale lines whose sale does not exist. Empty means true.';
comment on column plumb.no_orphaned_sale_items.subject is
'The key of the row that violates the invariant.';
comment on column plumb.no_orphaned_sale_items.explanation is 'The violation in one sentence.';
comment on column plumb.no_orphaned_sale_items.sale_id is 'The sale.';
comment on column plumb.no_orphaned_sale_items.product_id is 'The product.';
comment on column plumb.no_orphaned_sale_items.quantity is 'How many pieces were sold.';
comment on column plumb.no_orphaned_sale_items.line_total is 'The amount of the line.';

select plumb.declare_invariant(
    'NO_ORPHANED_SALE_ITEMS',
    'plumb.no_orphaned_sale_items',
    'P3',
    'Every sale line belongs to a sale.',
    p_auto_correct => 'plumb.quarantine_orphaned_sale_items'
);
-- Both sides are watched by the sale, the one key that line and sale share.
select plumb.watch_table('NO_ORPHANED_SALE_ITEMS', 'retail.sale_items', 'sale_id', 'sale_id');
select plumb.watch_table('NO_ORPHANED_SALE_ITEMS', 'retail.sales', 'sale_id', 'sale_id');
