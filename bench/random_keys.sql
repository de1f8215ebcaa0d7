-- Keys of payments, at random.
select record_key
from plumb.audit_log
where relation = 'retail.payments'
order by random()
limit %s
