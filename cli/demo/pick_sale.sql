-- The next sale from a number onward that no other session works on.
select sale_id, customer_id, total
from retail.sales
where status = any(%s) and sale_id >= %s
order by sale_id
limit 1
for update skip locked
