-- Discards a dead letter that is no longer needed. It stays on record, with the reason.
create or replace function plumb.discard_delivery(p_delivery_id bigint, p_reason text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.expect_text('the reason for discarding it', p_reason);
    update plumb.deliveries as d
    set status = 'skipped', reason = format('discarded by %s: %s', session_user, p_reason)
    where d.delivery_id = p_delivery_id and d.status = 'dead';
    if not found then
        raise exception 'delivery % is no dead letter', p_delivery_id
            using errcode = 'PL005', hint = 'select * from plumb.dead_letters;';
    end if;
    return plumb.describe_delivery(p_delivery_id);
end;
$$;
comment on function plumb.discard_delivery(bigint, text) is
'Take a dead letter off the list, with a reason; PL005 when it is not dead.';
grant execute on function plumb.discard_delivery(bigint, text) to plumb_operator;
