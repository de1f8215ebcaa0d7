-- What each column of the demo shop's tables means, for \d+.

comment on column retail.customers.customer_id is 'The customer.';
comment on column retail.customers.name is 'The name of the customer.';
comment on column retail.customers.created_at is 'When it was created.';

comment on column retail.payments.payment_id is 'Its number.';
comment on column retail.payments.customer_id is 'The customer.';
comment on column retail.payments.amount is 'The amount; negative for a refund.';
comment on column retail.payments.method is 'How it was paid.';
comment on column retail.payments.created_at is 'When it was created.';

comment on column retail.products.product_id is 'The product.';
comment on column retail.products.sku is 'The stock keeping unit.';
comment on column retail.products.name is 'The name of the product.';
comment on column retail.products.price is 'The price of one piece.';
comment on column retail.products.created_at is 'When it was created.';

comment on column retail.sale_items.sale_item_id is 'Its number.';
comment on column retail.sale_items.sale_id is 'The sale.';
comment on column retail.sale_items.product_id is 'The product.';
comment on column retail.sale_items.quantity is 'How many pieces were sold.';
comment on column retail.sale_items.unit_price is 'The price of one piece.';
comment on column retail.sale_items.line_total is 'The amount of the line.';

comment on column retail.sales.sale_id is 'The sale.';
comment on column retail.sales.invoice_no is 'The invoice number.';
comment on column retail.sales.customer_id is 'The customer.';
comment on column retail.sales.status is
'OPEN: owed in full or in part. PAID, COMPLETED: paid in full. PARTIALLY_REFUNDED: part was paid '
'back. REFUNDED, CANCELLED: nothing was kept.';
comment on column retail.sales.created_at is 'When it was created.';

comment on column retail.stock.product_id is 'The product.';
comment on column retail.stock.quantity is 'How many pieces are in stock.';

comment on column retail.stock_ledger.movement_id is 'Its number.';
comment on column retail.stock_ledger.product_id is 'The product.';
comment on column retail.stock_ledger.delta is
'How many pieces came (positive) or went (negative).';
comment on column retail.stock_ledger.reason is 'Why, in words.';
comment on column retail.stock_ledger.sale_id is 'The sale.';
comment on column retail.stock_ledger.created_at is 'When it was created.';
