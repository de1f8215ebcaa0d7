-- Opens a sale.
insert into retail.sales (invoice_no, customer_id, total, status)
values (demo.next_invoice(), %s, %s, %s)
returning sale_id
