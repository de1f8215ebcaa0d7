-- Adds a line to a sale.
insert into retail.sale_items (sale_id, product_id, quantity, unit_price, line_total)
values (%s, %s, %s, %s, %s)
