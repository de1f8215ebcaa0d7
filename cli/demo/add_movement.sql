-- Books a movement of the stock.
insert into retail.stock_ledger (product_id, delta, reason, sale_id) values (%s, %s, %s, %s)
