-- Sends the messages that a silence held back, when the silence is over and the problem is not. Of
-- several held messages about one incident only the newest is sent; the older ones are out of date
-- by then.
create or replace function plumb.release_held()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_held record;
    v_status text;
    v_reason text;
    v_count bigint := 0;
begin
    for v_held in
        select
            d.delivery_id,
            d.destination,
            d.source,
            c.kind,
            i.acknowledged_by,
            i.acknowledged_at is not null as is_acknowledged,
            i.is_open,
            exists (
                select from plumb.deliveries as n
                where
                    n.dedup_key = d.dedup_key
                    and n.destination = d.destination
                    and n.delivery_id > d.delivery_id
                    and n.action = 'trigger'
                    and n.status = 'held'
            ) as is_outdated
        from plumb.deliveries as d
        inner join plumb.destinations as c on c.destination = d.destination
        inner join plumb.outbox as o on o.message_id = d.message_id
        inner join plumb.incidents as i on i.incident_id = o.incident_id
        where
            d.status = 'held'
            and (
                not i.is_open
                or plumb.mute_reason(i.incident_id) is null
            )
        order by d.delivery_id
        limit plumb.setting_number('route_batch_max')::integer
        for update of d skip locked
    loop
        v_status := 'skipped';
        if not v_held.is_open then
            v_reason := 'over before it was sent';
        elsif v_held.is_outdated then
            v_reason := 'a newer message about the incident took its place';
        elsif v_held.kind = 'pagerduty' and v_held.is_acknowledged then
            v_reason := format('%s has acknowledged it', v_held.acknowledged_by);
        elsif plumb.admit_alert(v_held.source, v_held.destination) then
            v_status := 'queued';
        else
            v_reason := format('flood of %s: one summary stands in', v_held.source);
        end if;
        update plumb.deliveries as d
        set
            status = v_status,
            reason = case v_status
                when 'queued' then 'held before: ' || d.reason
                else v_reason
            end,
            queued_at = case v_status when 'queued' then v_now end,
            next_attempt_at = v_now,
            finished_at = case v_status when 'skipped' then v_now end
        where d.delivery_id = v_held.delivery_id;
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.release_held() is
'Queue or drop held deliveries whose silence is over; returns how many were decided.';
