-- What nobody was told, and why.
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
