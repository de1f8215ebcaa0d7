-- Lists the priorities of an incident, the most urgent first. One place, for a fifth one or another
-- name would be a change of all who compare with them.
create or replace function plumb.priorities()
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select string_to_array('P1 P2 P3 P4', ' ')
$$;
comment on function plumb.priorities() is 'P1, P2, P3 and P4.';
grant execute on function plumb.priorities() to plumb_reader;
