-- Who changed something over HTTP. A call without status was never answered.
create view plumb.call_history as
select
    c.called_at,
    c.source,
    c.actor,
    c.scope,
    c.client,
    c.method,
    c.path,
    c.status,
    c.decision,
    round(extract(epoch from c.answered_at - c.called_at) * 1000) as duration_ms
from plumb.api_calls as c
order by c.api_call_id desc;
comment on view plumb.call_history is
'Calls that write, newest first: who, from where, what, how it ended.';
