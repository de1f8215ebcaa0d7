-- Silences one incident until a given time; null ends its silence now.
create or replace function plumb.silence_incident(
    p_incident_id bigint, p_until timestamptz, p_reason text, p_by text default session_user
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_incident plumb.incidents;
begin
    v_incident := plumb.expect_incident(p_incident_id, 'silenced', p_by);
    perform plumb.expect_text('the reason for the silence', p_reason);
    if p_until <= plumb.current_time() then
        raise exception 'incident % cannot be silenced until %', p_incident_id, p_until
            using errcode = 'PL002', hint = 'Give a time in the future.';
    end if;
    update plumb.incidents as i
    set silenced_until = p_until
    where i.incident_id = p_incident_id;
    perform plumb.record_incident_event(
        p_incident_id,
        case when p_until is null then 'unsilenced' else 'silenced' end,
        p_reason,
        v_incident.status,
        p_by
    );
    return plumb.describe_incident(p_incident_id);
end;
$$;
comment on function plumb.silence_incident(bigint, timestamptz, text, text) is
'Hold the alerts of one open incident until a moment (null: no longer), with a reason.';
grant execute on function plumb.silence_incident(bigint, timestamptz, text, text)
to plumb_operator, plumb_api;
