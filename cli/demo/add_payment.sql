-- Books a payment.
insert into retail.payments (sale_id, customer_id, amount, method) values (%s, %s, %s, %s)
