-- Returns what the page of deployments shows: the gates as of now, and the newest deployments.
create or replace function plumb.describe_deployments_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'gates', (select json_agg(to_jsonb(g)) from plumb.measure_deployment_gates() as g),
        'deployments', (
            select coalesce(
                json_agg(
                    plumb.describe_deployment(d.deployment_id) order by d.deployment_id desc
                ), '[]'
            )
            from (
                select n.deployment_id
                from plumb.deployments as n
                order by n.deployment_id desc
                limit 30
            ) as d
        )
    )
$$;
comment on function plumb.describe_deployments_page() is
'The gates as of now and the newest deployments with their gates, as JSON.';
grant execute on function plumb.describe_deployments_page() to plumb_reader;
