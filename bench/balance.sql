-- One checkout that books its stock: a sale, its three lines, three movements and what they leave,
-- its payment. The products are asked for in order, so that two checkouts never wait for each other
-- in a circle.
\set one random(1, 30)
\set two random(31, 60)
\set three random(61, 90)
begin;
insert into store.sales (total, status) values (60.00, 'COMPLETED') returning sale_id \gset
insert into store.lines (sale_id, product_id, quantity, unit_price, amount)
values
(:sale_id, :one, 1, 10.00, 10.00),
(:sale_id, :two, 1, 20.00, 20.00),
(:sale_id, :three, 1, 30.00, 30.00);
insert into store.ledger (product_id, delta) values (:one, -1), (:two, -1), (:three, -1);
update store.stock set quantity = quantity - 1 where product_id = :one;
update store.stock set quantity = quantity - 1 where product_id = :two;
update store.stock set quantity = quantity - 1 where product_id = :three;
insert into store.payments (sale_id, amount, method) values (:sale_id, 60.00, 'CARD');
commit;
