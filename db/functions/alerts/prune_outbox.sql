-- Removes old messages with their deliveries. Messages of open incidents stay, because the message
-- that resolves an incident refers to the one that opened it.
create or replace function plumb.prune_outbox()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
begin
    delete from plumb.outbox as o
    where o.message_id in (
        select w.message_id
        from plumb.outbox as w
        where
            w.routed_at < plumb.current_time() - plumb.setting_interval('delivery_retention_days')
            and not exists (
                select from plumb.incidents as i
                where
                    i.incident_id = w.incident_id
                    and i.is_open
            )
        order by w.routed_at
        limit plumb.setting_number('prune_rows_max')::integer
    );
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function plumb.prune_outbox() is
'Delete messages beyond delivery_retention_days, and their deliveries; returns how many.';
