-- Adds a receiver of all alerts about incidents.
insert into plumb.destinations (destination, kind, topics, description)
values (%s, 'webhook', array['incident.%%'], 'a receiver')
