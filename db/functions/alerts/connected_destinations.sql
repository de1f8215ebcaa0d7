-- Which destinations have an address, for readers that must not see it.
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
