-- Enough customers and products that sessions seldom meet at one shelf, and enough on each
-- shelf for the whole measurement.
insert into retail.customers (customer_id, name, credit_limit)
select n, 'Customer ' || n, 1000000000
from generate_series(1, 1000) as n;

insert into retail.products (product_id, sku, name, price)
select n, 'SKU-' || n, 'Product ' || n, 1 + n % 90
from generate_series(1, 9000) as n;

insert into retail.stock_ledger (product_id, delta, reason)
select p.product_id, 1000000, 'DELIVERY'
from retail.products as p;
