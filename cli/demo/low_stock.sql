-- Three products, the ones with little stock first; a negative stock must be counted first.
select product_id
from retail.stock
where quantity >= 0
order by quantity >= 15, random()
limit 3
