-- Escalates and so pages for incidents that have not healed: after too many attempts, when they are
-- too old, or when they keep coming back. Their age is checked every minute, because not every
-- source reports again.
create or replace function plumb.escalate_due_incidents(p_incident_id bigint default null)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with due as (
        select
            i.incident_id,
            case
                when i.attempts >= plumb.setting_number('escalate_attempts')
                    then format('not healed after %s', plumb.counted(i.attempts, 'attempt'))
                when plumb.current_time() - i.opened_at
                    > plumb.setting_interval('escalate_age_seconds')
                    -- The clock was wrong when it was opened: its age is not known.
                    or i.opened_at > plumb.current_time() + interval '1 minute'
                    then format(
                        'open for %s s',
                        round(extract(epoch from plumb.current_time() - i.opened_at))
                    )
                when i.flap_count >= plumb.setting_number('escalate_flaps')
                    then format('came back %s', plumb.counted(i.flap_count, 'time'))
            end as reason
        from plumb.incidents as i
        where
            i.is_open
            and i.status <> 'ESCALATED'
            and (p_incident_id is null or i.incident_id = p_incident_id)
        for update
    ),

    escalated as (
        select plumb.escalate_incident(d.incident_id, d.reason, 'plumb')
        from due as d
        where d.reason is not null
    )

    select count(*) from escalated
$$;
comment on function plumb.escalate_due_incidents(bigint) is
'Escalate what is due, all or one; returns how many were.';
