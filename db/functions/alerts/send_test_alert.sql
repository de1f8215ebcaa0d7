-- Sends a test alert to a destination, and a second message that resolves it, to know that the
-- receiver works before it is needed.
create or replace function plumb.send_test_alert(p_destination text)
returns setof jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_dedup_key constant text := format('plumb:test:%s', gen_random_uuid());
    v_message_id bigint;
    v_topic text;
begin
    if p_destination is null or p_destination not in (select plumb.connected_destinations()) then
        raise exception 'destination % is not connected', plumb.shown_name(p_destination)
            using errcode = 'PL005', hint = 'select * from plumb.destination_status;';
    end if;
    foreach v_topic in array array['test.triggered', 'test.resolved'] loop
        insert into plumb.outbox (topic, dedup_key, payload, created_at, routed_at)
        values (
            v_topic,
            v_dedup_key,
            jsonb_build_object(
                'priority', 'P4',
                'title', 'Test of Plumbline''s alerts; nothing is wrong',
                'note', format('asked for by %s', session_user)
            ),
            plumb.current_time(),
            plumb.current_time()
        )
        returning message_id into v_message_id;
        perform plumb.route_message(v_message_id, p_destination);
    end loop;
    return query
    select plumb.describe_delivery(d.delivery_id)
    from plumb.deliveries as d
    where d.dedup_key = v_dedup_key
    order by d.delivery_id;
end;
$$;
comment on function plumb.send_test_alert(text) is
'Queue a test alert and its end for one destination; returns the deliveries.';
grant execute on function plumb.send_test_alert(text) to plumb_operator;
