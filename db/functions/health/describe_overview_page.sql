-- Returns everything that the first page shows, in one call and of one moment: whether the database
-- is true, what needs a person, whether a release may go out, and how it went in the last day.
create or replace function plumb.describe_overview_page(p_cards_max integer default 6)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_day constant interval := interval '24 hours';
    v_now constant timestamptz := plumb.current_time();
    v_health constant json := plumb.describe_health();
    v_incidents json;
    v_invariants json;
begin
    select json_build_object(
        'open', count(*),
        'unacknowledged', count(*) filter (where i.acknowledged_at is null),
        'list', coalesce(
            json_agg(
                plumb.describe_incident(i.incident_id)
                || jsonb_build_object(
                    'summary', plumb.incident_summary(i.incident_id),
                    'nextCommand', plumb.next_command(i.source, i.scope, i.incident_id),
                    -- Who changed the row that the summary names.
                    'blame', (
                        select v.blame -> 0
                        from plumb.invariant_violations as v
                        where v.incident_id = i.incident_id and v.cleared_at is null
                        order by v.invariant_violation_id
                        limit 1
                    )
                )
                order by i.position
            ) filter (where i.position <= p_cards_max), '[]'
        )
    )
    into v_incidents
    from (
        select
            n.incident_id,
            n.source,
            n.scope,
            n.acknowledged_at,
            row_number() over (
                order by n.acknowledged_at is not null, n.priority, n.opened_at, n.incident_id
            ) as position
        from plumb.incidents as n
        where n.is_open
    ) as i;

    select coalesce(
        json_agg(
            json_build_object(
                'name', s.name,
                'priority', s.priority,
                'status', s.status,
                'violationCount', s.violation_count,
                'checkedAt', s.checked_at,
                'description', s.description,
                -- One letter for each check, the oldest first: h, v or u.
                'strip', (
                    select string_agg(left(k.status, 1), '' order by k.invariant_check_id)
                    from (
                        select c.invariant_check_id, c.status
                        from plumb.invariant_checks as c
                        where c.invariant = s.name
                        order by c.invariant_check_id desc nulls last
                        limit 90
                    ) as k
                )
            )
            order by
                array_position(array['violated', 'unknown', 'holds', 'disabled'], s.status),
                s.priority,
                s.name
        ), '[]'
    )
    into v_invariants
    from plumb.invariant_status as s;

    return json_build_object(
        'database', current_database(),
        'now', v_now,
        'truth', plumb.describe_truth(v_health -> 'scheduler'),
        'mode', plumb.describe_system_mode(),
        'writesNeedToken', plumb.writes_need_token(),
        'health', v_health,
        'incidents', v_incidents,
        'invariants', v_invariants,
        'series', plumb.score_series(24, 15),
        'marks', (
            select coalesce(json_agg(m.mark order by m.at), '[]')
            from (
                (
                    select
                        i.opened_at as at,
                        json_build_object(
                            'kind', 'incident',
                            'at', i.opened_at,
                            'title', concat(i.priority, ' ', i.title),
                            'number', i.incident_id
                        ) as mark
                    from plumb.incidents as i
                    where i.opened_at > v_now - v_day and i.opened_at <= v_now
                    order by i.opened_at desc
                    limit 50
                )
                union all
                (
                    select
                        d.started_at as at,
                        json_build_object(
                            'kind', 'deployment',
                            'at', d.started_at,
                            'title', concat(d.name, ': ', replace(d.status, '_', ' ')),
                            'number', d.deployment_id
                        ) as mark
                    from plumb.deployments as d
                    where d.started_at > v_now - v_day and d.started_at <= v_now
                    order by d.started_at desc
                    limit 20
                )
            ) as m
        ),
        'gates', (
            select json_agg(to_jsonb(g))
            from plumb.measure_deployment_gates() as g
        ),
        'jobs', (
            select json_build_object(
                'count', count(*) filter (where c.status <> 'disabled'),
                'overdue', coalesce(
                    json_agg(c.job_name order by c.job_name) filter (where c.is_stale), '[]'
                ),
                'failed', coalesce(
                    json_agg(c.job_name order by c.job_name)
                    filter (where c.status = 'failed'), '[]'
                )
            )
            from plumb.cron_status as c
        ),
        'checks', (
            select json_build_object(
                'count', count(*),
                'notOk', coalesce(
                    json_agg(r.check_name order by r.check_name)
                    filter (where r.status <> 'ok'), '[]'
                ),
                'checkedAt', max(r.checked_at)
            )
            from plumb.database_check_results as r
        ),
        'findings', (select count(*) from plumb.open_findings as f),
        'tables', json_build_object(
            'guarded', (select count(*) from plumb.guarded_tables as g),
            'audited', (select count(*) from plumb.audited_tables as a)
        )
    );
end;
$$;
comment on function plumb.describe_overview_page(integer) is
'What the first page shows, as JSON: truth, mode, health, open incidents, invariants with their
last 90 checks, scores and marks of a day, gates, jobs, checks, findings, and how many tables are
guarded and audited.';
grant execute on function plumb.describe_overview_page(integer) to plumb_reader;
