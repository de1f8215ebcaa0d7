-- Counts what no living receiver has yet.
select count(*)
from plumb.outbox as o
left join plumb.deliveries as d on d.message_id = o.message_id and d.destination <> 'dead'
where o.dedup_key like 'plumb:bench:%' and d.status is distinct from 'delivered'
