-- One checkout: a sale, its three lines, its three movements of stock, its payment. The products
-- are asked for in order, so that two checkouts never wait for each other in a circle.
\set customer random(1, 1000)
\set one random(1, 3000)
\set two random(3001, 6000)
\set three random(6001, 9000)
\set till random(1, 1000000000)
begin;
insert into retail.sales (invoice_no, customer_id, total, status)
values ('B' || :client_id || '-' || :till, :customer, 60.00, 'COMPLETED')
returning sale_id \gset
insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
values
(:sale_id, :one, 1, 10.00, 10.00),
(:sale_id, :two, 1, 20.00, 20.00),
(:sale_id, :three, 1, 30.00, 30.00);
insert into retail.stock_ledger (product_id, delta, reason, sale_id)
values
(:one, -1, 'SALE', :sale_id),
(:two, -1, 'SALE', :sale_id),
(:three, -1, 'SALE', :sale_id);
insert into retail.payments (sale_id, customer_id, amount, method)
values (:sale_id, :customer, 60.00, 'CARD');
commit;
