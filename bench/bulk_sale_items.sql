-- A line refers to its sale and its product.
insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
select 1000000, 1 + g % 9000, 1, 1, 1 from generate_series(1, {rows}) as g
