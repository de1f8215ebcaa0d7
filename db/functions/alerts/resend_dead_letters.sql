-- Queues all dead letters of a destination again, in the order in which they happened, for a
-- receiver that was unavailable for long.
create or replace function plumb.resend_dead_letters(p_destination text)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select count(plumb.resend_delivery(d.delivery_id))
    from plumb.deliveries as d
    where d.destination = p_destination and d.status = 'dead'
$$;
comment on function plumb.resend_dead_letters(text) is
'Queue all dead letters of a destination again; returns how many.';
grant execute on function plumb.resend_dead_letters(text) to plumb_operator;
