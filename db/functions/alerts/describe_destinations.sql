-- Returns all destinations as JSON for the HTTP service.
create or replace function plumb.describe_destinations()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'destinations', jsonb_agg(
            plumb.describe_destination(d.destination) order by d.destination
        )
    )
    from plumb.destinations as d
$$;
comment on function plumb.describe_destinations() is 'Every destination and how it does, as JSON.';
grant execute on function plumb.describe_destinations() to plumb_reader;
