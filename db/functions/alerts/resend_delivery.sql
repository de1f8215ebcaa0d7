-- Queues a dead letter again after its cause was repaired. It keeps its number and its key, so that
-- a receiver recognises a message that it already has.
create or replace function plumb.resend_delivery(
    p_delivery_id bigint, p_by text default session_user
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status text;
begin
    perform plumb.expect_text('the name of the person', p_by);
    select d.status into v_status
    from plumb.deliveries as d
    where d.delivery_id = p_delivery_id
    for update;
    if v_status is distinct from 'dead' then
        raise exception 'delivery % cannot be sent again: %',
            p_delivery_id, coalesce('it is ' || v_status, 'it does not exist')
            using errcode = case when v_status is null then 'PL001' else 'PL005' end,
            hint = 'select * from plumb.dead_letters;';
    end if;
    update plumb.deliveries as d
    set
        status = 'queued',
        reason = format('sent again by %s', p_by),
        attempt_count = 0,
        next_attempt_at = plumb.current_time(),
        queued_at = plumb.current_time(),
        finished_at = null
    where d.delivery_id = p_delivery_id;
    return plumb.describe_delivery(p_delivery_id);
end;
$$;
comment on function plumb.resend_delivery(bigint, text) is
'Queue a dead letter again; PL005 when it is not dead.';
grant execute on function plumb.resend_delivery(bigint, text) to plumb_operator, plumb_api;
