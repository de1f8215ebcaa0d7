-- Prepares deliveries before any request is sent: ends floods, routes new messages, releases held
-- ones and expires old ones.
create or replace function plumb.prepare_deliveries()
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        plumb.end_floods()
        + plumb.route_messages()
        + plumb.release_held()
        + 0 * plumb.expire_deliveries()
$$;
comment on function plumb.prepare_deliveries() is
'Route new messages, release held ones, expire old ones; returns how many were decided.';
grant execute on function plumb.prepare_deliveries() to plumb_worker;
