-- More kinds of receivers, and P4 pages nobody by default.

set local role plumb_owner;

alter table plumb.destinations
drop constraint destinations_kind_check,
add constraint destinations_kind_check check (
    kind in ('pagerduty', 'slack', 'teams', 'email', 'alertmanager', 'ping', 'webhook')
);

update plumb.destinations as d
set priorities = '{P1,P2,P3}'
where d.kind = 'pagerduty' and d.priorities @> '{P1,P2,P3,P4}';

reset role;
