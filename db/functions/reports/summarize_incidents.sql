-- Summarizes the incidents of a period. MTTA is from opening to acknowledgement, MTTR from opening
-- to resolution or closing, over those acknowledged or ended in the period. That none opened is
-- only known where checks ran.
create or replace function plumb.summarize_incidents(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with events as (
        select e.incident_event_id, e.incident_id, e.event
        from plumb.incident_events as e
        where e.occurred_at >= p_from and e.occurred_at < p_to
    ),

    -- An incident that came back ends as often as it opens, so that openings and endings add up;
    -- one that was resolved and is closed later has ended once.
    endings as (
        select
            e.event = 'resolved'
            and not exists (
                select from plumb.incident_events as a
                where
                    a.incident_id = e.incident_id
                    and a.incident_event_id between o.opened and e.incident_event_id
                    and a.event in ('escalated', 'acknowledged')
            ) as is_healed
        from events as e
        cross join lateral (
            select coalesce(max(b.incident_event_id), 0) as opened
            from plumb.incident_events as b
            where
                b.incident_id = e.incident_id
                and b.incident_event_id < e.incident_event_id
                and b.event in ('opened', 'reopened')
        ) as o
        where
            e.event in ('resolved', 'closed')
            and not exists (
                select from plumb.incident_events as a
                where
                    a.incident_id = e.incident_id
                    and a.incident_event_id > o.opened
                    and a.incident_event_id < e.incident_event_id
                    and a.event in ('resolved', 'closed')
            )
    ),

    known as (
        select
            exists(select from events)
            or exists(
                select from plumb.drift_scores as d
                where d.created_at >= p_from and d.created_at < p_to
            )
            or exists(
                select from plumb.health_scores as h
                where h.created_at >= p_from and h.created_at < p_to
            ) as is_known
    ),

    ended as (
        select coalesce(i.resolved_at, i.closed_at) - i.opened_at as lasted
        from plumb.incidents as i
        where
            coalesce(i.resolved_at, i.closed_at) >= p_from
            and coalesce(i.resolved_at, i.closed_at) < p_to
    ),

    standing as (
        select i.priority
        from plumb.incidents as i
        where
            i.opened_at < p_to
            and (
                coalesce(i.resolved_at, i.closed_at) is null
                or coalesce(i.resolved_at, i.closed_at) >= p_to
            )
    )

    select v.measure, v.title, v.unit, case when k.is_known then v.value end
    from known as k
    cross join lateral (values
        (
            'incidents_opened', 'Incidents opened or reopened', 'count',
            (select count(*)::numeric from events as e where e.event in ('opened', 'reopened'))
        ),
        (
            'incidents_escalated', 'Escalated to a person', 'count',
            (select count(*) from events as e where e.event = 'escalated')
        ),
        ('incidents_ended', 'Resolved or closed', 'count', (select count(*) from endings)),
        (
            'incidents_healed', 'Of them without a person', 'count',
            (select count(*) from endings as n where n.is_healed)
        ),
        ('incidents_open', 'Open at the end', 'count', (select count(*) from standing)),
        (
            'incidents_open_p1', 'Open P1 at the end', 'count',
            (select count(*) from standing as s where s.priority = 'P1')
        ),
        (
            'mtta_seconds', 'Mean time to acknowledge (MTTA)', 'seconds',
            (
                select extract(epoch from avg(i.acknowledged_at - i.opened_at))
                from plumb.incidents as i
                where i.acknowledged_at >= p_from and i.acknowledged_at < p_to
            )
        ),
        (
            'mttr_seconds', 'Mean time to resolve (MTTR)', 'seconds',
            (select extract(epoch from avg(n.lasted)) from ended as n)
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_incidents(timestamptz, timestamptz) is
'Incidents of a period: measure, title, unit, value; null is unknown, or there was none to time.';
grant execute on function plumb.summarize_incidents(timestamptz, timestamptz) to plumb_reader;
