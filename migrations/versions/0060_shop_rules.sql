-- Three invariants of the demo shop are declared by templates now. What was accepted stays
-- accepted, as far as it is still the same: the templates call the same rows by other words, and a
-- duplicate number by each sale that has it.
insert into plumb.accepted_violations (
    invariant, subject, explanation, reason, accepted_by, accepted_at, accepted_until, is_baseline
)
select
    a.invariant,
    s.sale_id::text,
    format('sales %s: invoice_no %s stands in another row, too', s.sale_id, s.invoice_no),
    a.reason,
    a.accepted_by,
    a.accepted_at,
    a.accepted_until,
    a.is_baseline
from plumb.accepted_violations as a
inner join retail.sales as s on s.invoice_no = a.subject
where a.invariant = 'NO_DUPLICATE_INVOICES'
on conflict (invariant, subject) do nothing;

delete from plumb.accepted_violations as a
where
    a.invariant = 'NO_DUPLICATE_INVOICES'
    and a.explanation like 'invoice %';

update plumb.accepted_violations as a
set explanation = format('stock %s: quantity is %s', s.product_id, s.quantity)
from retail.stock as s
left join retail.products as p on p.product_id = s.product_id
where
    a.invariant = 'NO_NEGATIVE_STOCK'
    and a.subject = s.product_id::text
    and a.explanation = format(
        'product %s (%s) has %s on the shelf', s.product_id, p.sku, s.quantity
    );

update plumb.accepted_violations as a
set
    explanation = format(
        'sale_items %s: sale_id is %s, which sales does not have', i.sale_item_id, i.sale_id
    )
from retail.sale_items as i
where
    a.invariant = 'NO_ORPHANED_SALE_ITEMS'
    and a.subject = i.sale_item_id::text
    and a.explanation = format(
        'line %s belongs to sale %s, which does not exist', i.sale_item_id, i.sale_id
    );

drop function if exists plumb.quarantine_orphaned_sale_items(text[]);
