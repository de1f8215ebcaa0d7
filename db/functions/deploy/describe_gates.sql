-- Returns the gates of a deployment as JSON, measured now, for pipelines without psql. It records
-- nothing: only ./plumb gate and ./plumb deploy let a release pass.
create or replace function plumb.describe_gates(
    p_deployment text, p_coverage numeric default null
)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.expect_deployment_name(p_deployment);
    perform plumb.expect_coverage(p_coverage);
    return (
        select json_build_object(
            'deployment', p_deployment,
            'verdict', case
                when bool_or(g.status = 'fail') then 'fail'
                when bool_or(g.status = 'unknown') then 'unknown'
                else 'pass'
            end,
            'measuredAt', plumb.current_time(),
            'gates', json_agg(to_jsonb(g) - 'position' order by g.position)
        )
        from plumb.measure_deployment_gates(p_coverage) with ordinality as g (
            gate, value, threshold, status, reason, position
        )
    );
end;
$$;
comment on function plumb.describe_gates(text, numeric) is
'The gates of a deployment as of now and their verdict as JSON; coverage in percent, or null.';
grant execute on function plumb.describe_gates(text, numeric) to plumb_reader;
