-- Removes the address of a destination. Deliveries that still wait for it are skipped, because they
-- can no longer be sent.
create or replace function plumb.disconnect_destination(p_destination text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
begin
    delete from plumb.destination_secrets as s where s.destination = p_destination;
    update plumb.deliveries as d
    set
        status = 'skipped',
        reason = 'the destination was disconnected',
        finished_at = plumb.current_time()
    where d.destination = p_destination and d.status in ('queued', 'held');
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function plumb.disconnect_destination(text) is
'Forget a destination''s address and key; returns how many waiting deliveries were skipped.';
grant execute on function plumb.disconnect_destination(text) to plumb_admin;
