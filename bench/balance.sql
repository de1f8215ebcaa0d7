-- Three movements of stock; in order, so that two transactions never wait for each other in a
-- circle.
\set one random(1, 30)
\set two random(31, 60)
\set three random(61, 90)
begin;
insert into store.ledger (product_id, delta) values (:one, 1), (:two, 1), (:three, 1);
update store.stock set quantity = quantity + 1 where product_id = :one;
update store.stock set quantity = quantity + 1 where product_id = :two;
update store.stock set quantity = quantity + 1 where product_id = :three;
commit;
