-- Opens an incident for a destination that cannot be reached; the other destinations are notified.
create or replace function plumb.judge_destinations()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_destination record;
    v_count bigint := 0;
begin
    for v_destination in
        select
            s.destination,
            s.dead_count,
            s.queued_count,
            s.status,
            s.last_error
        from plumb.destination_status as s
    loop
        if v_destination.status in ('circuit open', 'circuit half open', 'dead letters', 'off') then
            v_count := v_count + 1;
            perform plumb.open_incident(
                'alerts',
                v_destination.destination,
                'P2',
                format('Alerts do not reach %s', v_destination.destination),
                format(
                    '%s: %s waiting, %s given up. Last error: %s',
                    v_destination.status,
                    v_destination.queued_count,
                    v_destination.dead_count,
                    coalesce(v_destination.last_error, 'none')
                ),
                v_destination.queued_count + v_destination.dead_count,
                plumb.setting('runbook_base_url') || 'alert-delivery.md'
            );
        elsif v_destination.status in ('ok', 'disabled', 'not connected') then
            perform plumb.resolve_incident(
                'alerts', v_destination.destination, 'alerts reach it again, none is given up'
            );
        end if;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.judge_destinations() is
'Open or resolve one incident per destination that cannot be reached; returns how many.';
