-- On account, hence the cheapest row that the shop has.
insert into retail.payments (customer_id, amount)
select 1000000, g from generate_series(1, {rows}) as g
