-- Empties what a bulk statement fills, and adds the rows that it refers to.
delete from retail.payments;
delete from retail.sale_items;
insert into retail.customers (customer_id, name)
values (1000000, 'Bulk') on conflict do nothing;
insert into retail.sales (sale_id, invoice_no, customer_id)
values (1000000, 'BULK', 1000000) on conflict do nothing;
