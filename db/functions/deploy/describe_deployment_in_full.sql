-- Returns a deployment as JSON with every step and every sample, found by its number or its name.
-- The number is tried first: links carry it; a name that looks like one is found by ?name=.
create or replace function plumb.describe_deployment_in_full(p_deployment text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with found as (
        select d.deployment_id
        from plumb.deployments as d
        where d.deployment_id::text = p_deployment or d.name = p_deployment
        order by d.deployment_id::text = p_deployment desc, d.deployment_id desc
        limit 1
    )

    select
        plumb.describe_deployment(f.deployment_id)
        || jsonb_build_object(
            'events', (
                select coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'status', e.status,
                            'reason', e.reason,
                            'actor', e.actor,
                            'occurredAt', e.occurred_at
                        )
                        order by e.deployment_event_id
                    ), '[]'
                )
                from plumb.deployment_events as e
                where e.deployment_id = f.deployment_id
            ),
            'conditions', (
                select coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'condition', j.condition,
                            'status', j.status,
                            'value', j.value,
                            'threshold', j.threshold,
                            'reason', j.reason
                        )
                        order by j.position
                    ), '[]'
                )
                from plumb.judge_deployment(f.deployment_id) with ordinality as j (
                    condition, status, value, threshold, reason, position
                )
                where exists (
                    select
                    from plumb.deployments as d
                    where d.deployment_id = f.deployment_id and d.status = 'watching'
                )
            ),
            'samples', (
                select coalesce(
                    jsonb_agg(
                        jsonb_build_object(
                            'sampledAt', s.sampled_at,
                            'requestCount', s.request_count,
                            'errorRate', round(s.error_rate, 6),
                            'p95Ms', round(s.p95_ms::numeric, 3),
                            'error', s.error
                        )
                        order by s.sampled_at, s.deployment_sample_id
                    ), '[]'
                )
                from (
                    select n.*
                    from plumb.deployment_samples as n
                    where n.deployment_id = f.deployment_id
                    order by n.sampled_at desc, n.deployment_sample_id desc
                    limit 200
                ) as s
            )
        )
    from found as f
$$;
comment on function plumb.describe_deployment_in_full(text) is
'A deployment by number or name (its newest) with events, conditions while it is watched, and the
newest 200 samples, as JSON; null when there is none.';
grant execute on function plumb.describe_deployment_in_full(text) to plumb_reader;
