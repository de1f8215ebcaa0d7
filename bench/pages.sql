-- Beside months of history: 200 invariants in all, each with 90 checks, and 1,000 incidents, of
-- which 40 are open, each with a timeline and evidence.
insert into plumb.invariants (name, view_name, description, priority, declared_by)
select
    'BENCH_' || n as name,
    'plumb_rules.no_negative_stock' as view_name,
    'One of many.' as description,
    'P' || 1 + n % 4 as priority,
    'bench' as declared_by
from generate_series(1, 200 - (select count(*) from plumb.invariants)) as n;

insert into plumb.invariant_checks (invariant, status, duration_ms, checked_at)
select
    i.name,
    case when random() < 0.02 then 'violated' else 'holds' end as status,
    1 as duration_ms,
    now() - make_interval(mins => 5 * n) as checked_at
from generate_series(90, 1, -1) as n
cross join plumb.invariants as i
where i.name like 'BENCH%';

insert into plumb.incidents (
    source, scope, priority, status, title, description, opened_at, first_opened_at, last_seen_at,
    resolved_at, snapshot
)
select
    'invariant' as source,
    'BENCH_' || n as scope,
    'P' || 1 + n % 4 as priority,
    case when n <= 40 then 'OPEN' else 'RESOLVED' end as status,
    'BENCH_' || n || ': 1 violation' as title,
    'One of many.' as description,
    now() - make_interval(mins => n) as opened_at,
    now() - make_interval(mins => n) as first_opened_at,
    now() as last_seen_at,
    case when n > 40 then now() end as resolved_at,
    jsonb_build_object(
        'takenAt', now(), 'locks', '[]'::jsonb, 'activity', '[]'::jsonb, 'jobs', '[]'::jsonb,
        'violations', (
            select jsonb_agg(
                jsonb_build_object(
                    'subject', v::text, 'explanation', 'row ' || v || ' is wrong',
                    'details', jsonb_build_object('quantity', -v), 'blame', '[]'::jsonb,
                    'first_seen_at', now()
                )
            )
            from generate_series(1, 100) as v
        )
    ) as snapshot
from generate_series(1, 1000) as n;

insert into plumb.incident_events (incident_id, event, to_status, actor, note, occurred_at)
select
    i.incident_id,
    'commented' as event,
    i.status as to_status,
    'bench' as actor,
    'step ' || n as note,
    i.opened_at + make_interval(secs => n) as occurred_at
from plumb.incidents as i
cross join generate_series(1, 20) as n;

analyze;
