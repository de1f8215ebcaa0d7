-- Records whether a destination could be reached. Several failures in a row open its circuit
-- breaker: nothing is sent for a pause, and then one delivery tests whether the destination is
-- available again. Each failed try doubles the pause.
create or replace function plumb.record_attempt(
    p_destination text, p_outcome text, p_error text, p_pause_seconds double precision
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_destination plumb.destinations;
    v_is_failure constant boolean := p_outcome in ('failed', 'exhausted');
    v_pause_seconds double precision := p_pause_seconds;
begin
    update plumb.destinations as d
    set
        failure_count = case when v_is_failure then d.failure_count + 1 else 0 end,
        -- A receiver that answers, even with a refusal, can be reached.
        circuit_open_count = case when v_is_failure then d.circuit_open_count else 0 end,
        last_attempt_at = v_now,
        last_success_at = case p_outcome when 'delivered' then v_now else d.last_success_at end,
        last_error = coalesce(p_error, d.last_error)
    where d.destination = p_destination
    returning d.* into v_destination;
    if
        v_is_failure
        and (
            v_destination.circuit_open_count > 0
            or v_destination.failure_count >= plumb.setting_number('circuit_failures')
        )
    then
        v_destination.circuit_open_count := v_destination.circuit_open_count + 1;
        v_pause_seconds := greatest(v_pause_seconds, plumb.backoff_seconds(
            v_destination.circuit_open_count,
            plumb.setting_number('circuit_open_seconds'),
            plumb.setting_number('circuit_open_seconds_max')
        ));
    end if;
    update plumb.destinations as d
    set
        circuit_open_count = v_destination.circuit_open_count,
        paused_until = v_now + make_interval(secs => v_pause_seconds)
    where d.destination = p_destination;
end;
$$;
comment on function plumb.record_attempt(text, text, text, double precision) is
'Count an attempt of a destination and open or close its circuit.';
