-- Decides whether an alert of a source may pass. Above the cap of a source its alerts are only
-- counted, and one summary stands for the flood: it must not delay other sources, nor exhaust the
-- receiver.
create or replace function plumb.admit_alert(p_source text, p_destination text)
returns boolean
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_alerts_max constant integer := plumb.setting_number('flood_alerts_max')::integer;
    v_window constant interval := plumb.setting_interval('flood_window_seconds');
    v_flood_id bigint;
begin
    if
        v_alerts_max = 0
        or (
            select count(*)
            from (
                select
                from plumb.deliveries as d
                where
                    d.source = p_source
                    and d.destination = p_destination
                    and d.action = 'trigger'
                    and plumb.is_recent(d.queued_at, v_window)
                limit v_alerts_max
            ) as recent
        ) < v_alerts_max
    then
        return true;
    end if;
    update plumb.floods as f
    set suppressed_count = f.suppressed_count + 1, last_suppressed_at = v_now
    where f.source = p_source and f.ended_at is null;
    if not found then
        insert into plumb.floods (source, suppressed_count, started_at, last_suppressed_at)
        values (p_source, 1, v_now, v_now)
        returning flood_id into v_flood_id;
        perform plumb.announce_flood(v_flood_id, 'flood.started');
    end if;
    return false;
end;
$$;
comment on function plumb.admit_alert(text, text) is
'Whether one more alert of this source may go to this destination; if not it is counted.';
