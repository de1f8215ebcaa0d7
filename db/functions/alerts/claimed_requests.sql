-- Returns the deliveries that the calling session has claimed, as HTTP requests ready to send.
-- Holds secrets: for dispatchers only.
create or replace function plumb.claimed_requests()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_agg(
        plumb.render_delivery(d.delivery_id)
        || jsonb_build_object('deliveryId', d.delivery_id, 'claimId', d.claim_id)
        order by d.delivery_id
    )
    from plumb.deliveries as d
    where d.status = 'sending' and d.claimed_by_pid = pg_backend_pid()
$$;
comment on function plumb.claimed_requests() is
'The requests that this session has claimed, for plumb.py_post; null when there are none.';
grant execute on function plumb.claimed_requests() to plumb_worker;
