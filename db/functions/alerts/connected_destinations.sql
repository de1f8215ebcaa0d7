-- Lists which destinations have an address, for roles that must not read the address.
create or replace function plumb.connected_destinations()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.destination from plumb.destination_secrets as s
$$;
comment on function plumb.connected_destinations() is 'Names of the destinations with an address.';
grant execute on function plumb.connected_destinations() to plumb_reader;
