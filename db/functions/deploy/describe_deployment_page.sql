-- Returns what the page of a deployment shows.
create or replace function plumb.describe_deployment_page(p_deployment_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        plumb.describe_deployment_in_full(p_deployment_id::text)::jsonb
        || jsonb_build_object(
            'now', plumb.current_time(), 'writesNeedToken', plumb.writes_need_token()
        )
    where exists (
        select from plumb.deployments as d where d.deployment_id = p_deployment_id
    )
$$;
comment on function plumb.describe_deployment_page(bigint) is
'What the page of a deployment shows, as JSON; null when there is no such deployment.';
grant execute on function plumb.describe_deployment_page(bigint) to plumb_reader;
