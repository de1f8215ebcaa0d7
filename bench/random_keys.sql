-- Keys of payments, at random.
select p.payment_id::text
from retail.payments as p
order by random()
limit %s
