-- Lists the messages that a destination did not get, and why.
create view plumb.dead_letters as
select
    d.delivery_id,
    d.destination,
    o.topic,
    o.incident_id,
    plumb.alert_title(o.topic, o.payload) as title,
    d.reason,
    d.last_status_code,
    d.last_error,
    d.attempt_count,
    d.created_at,
    d.finished_at,
    o.payload
from plumb.deliveries as d
inner join plumb.outbox as o on o.message_id = d.message_id
where d.status = 'dead'
order by d.delivery_id;
comment on view plumb.dead_letters is
'Deliveries that were given up. plumb.resend_delivery(id) or plumb.discard_delivery(id, why).';
comment on column plumb.dead_letters.delivery_id is 'Its number, for plumb.resend_delivery().';
comment on column plumb.dead_letters.destination is 'The name of the destination.';
comment on column plumb.dead_letters.topic is 'The topic of the message.';
comment on column plumb.dead_letters.incident_id is 'The incident it belongs to.';
comment on column plumb.dead_letters.title is 'One line that says what is wrong.';
comment on column plumb.dead_letters.reason is 'Why, in words.';
comment on column plumb.dead_letters.last_status_code is 'The HTTP status of the newest answer.';
comment on column plumb.dead_letters.last_error is 'The newest error message.';
comment on column plumb.dead_letters.attempt_count is 'How often it was tried.';
comment on column plumb.dead_letters.created_at is 'When it was created.';
comment on column plumb.dead_letters.finished_at is 'When it was given up.';
comment on column plumb.dead_letters.payload is 'The message, as JSON.';
