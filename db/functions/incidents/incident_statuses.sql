-- Returns the statuses of incidents that are open, of those that are over, or (null) of all: the
-- one list besides the column plumb.incidents.is_open, which says of a row whether it is open.
create or replace function plumb.incident_statuses(p_is_open boolean default null)
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select array_agg(s.status order by s.position)
    from (
        values
        (1, 'OPEN', true),
        (2, 'AUTO_HEALING', true),
        (3, 'ESCALATED', true),
        (4, 'RESOLVED', false),
        (5, 'CLOSED', false)
    ) as s (position, status, is_open)
    where p_is_open is null or s.is_open = p_is_open
$$;
comment on function plumb.incident_statuses(boolean) is
'The statuses of incidents: those that are open (true), those that are over (false), or all.';
revoke execute on function plumb.incident_statuses(boolean) from public;
grant execute on function plumb.incident_statuses(boolean) to plumb_reader;
