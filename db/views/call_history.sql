-- Lists the HTTP requests that wrote: who sent them and how they ended. A call without status was
-- never answered.
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
comment on column plumb.call_history.called_at is 'When it arrived.';
comment on column plumb.call_history.source is 'Which service answered it.';
comment on column plumb.call_history.actor is
'The token''s name; without one the name that the request gave, and how it came in.';
comment on column plumb.call_history.scope is 'The scope of the token.';
comment on column plumb.call_history.client is
'Network address of the client; an IPv6 client stands for its whole network.';
comment on column plumb.call_history.method is 'The HTTP method.';
comment on column plumb.call_history.path is 'The path that was requested.';
comment on column plumb.call_history.status is 'The HTTP status of the answer.';
comment on column plumb.call_history.decision is 'Whether it was let in, or why it was refused.';
comment on column plumb.call_history.duration_ms is 'How long it took, in milliseconds.';
