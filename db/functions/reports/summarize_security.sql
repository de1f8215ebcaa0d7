-- Summarizes the security events and blocks of a period. That there were none is only known where
-- scans ran.
create or replace function plumb.summarize_security(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select v.measure, v.title, v.unit, case when k.is_known or v.value > 0 then v.value end
    from (
        select
            coalesce(sum(e.event_count), 0)::numeric as event_count,
            coalesce(sum(e.event_count) filter (where e.severity in ('P1', 'P2')), 0)
                as urgent_count
        from plumb.security_events as e
        where e.occurred_at >= p_from and e.occurred_at < p_to
    ) as e
    cross join (
        select
            exists(
                select from plumb.drift_scores as d
                where d.created_at >= p_from and d.created_at < p_to
            )
            or exists(
                select from plumb.health_scores as h
                where h.created_at >= p_from and h.created_at < p_to
            ) as is_known
    ) as k
    cross join lateral (values
        ('security_events', 'Security events', 'count', e.event_count),
        ('security_events_urgent', 'Of them P1 or P2', 'count', e.urgent_count),
        (
            'clients_blocked', 'Clients blocked', 'count',
            (
                select count(*)
                from plumb.security_blocks as b
                where b.blocked_at >= p_from and b.blocked_at < p_to
            )
        ),
        (
            'security_incidents_open', 'Open P1 and P2 incidents at the end', 'count',
            (
                select count(*)
                from plumb.incidents as i
                where
                    i.source = 'security'
                    and i.priority in ('P1', 'P2')
                    and i.opened_at < p_to
                    and coalesce(coalesce(i.resolved_at, i.closed_at) >= p_to, true)
            )
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_security(timestamptz, timestamptz) is
'Security events and blocks of a period: measure, title, unit, value; null is unknown.';
grant execute on function plumb.summarize_security(timestamptz, timestamptz) to plumb_reader;
