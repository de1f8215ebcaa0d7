-- Queues as many messages as asked for, all at once.
insert into plumb.outbox (topic, dedup_key, payload, created_at)
select
    'incident.escalated', 'plumb:bench:' || n,
    jsonb_build_object('priority', 'P2', 'title', 'alert ' || n), now()
from generate_series(1, %s) as n
