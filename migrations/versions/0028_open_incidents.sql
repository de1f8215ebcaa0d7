-- What an open incident is, in one place: a column that follows the status.
set local role plumb_owner;

alter table plumb.incidents
add column is_open boolean not null
generated always as (status in ('OPEN', 'AUTO_HEALING', 'ESCALATED')) stored;
comment on column plumb.incidents.is_open is
'Whether its problem still needs healing: OPEN, AUTO_HEALING or ESCALATED.';

drop index plumb.incidents_open_idx;
create unique index incidents_open_idx on plumb.incidents (source, scope) where is_open;

reset role;
