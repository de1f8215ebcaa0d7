-- Measures the six gates of a deployment, one function for each, and records nothing. A value that
-- is missing or too old is unknown, and unknown never passes. Values are compared as they are and
-- cut, never rounded, for display.
create or replace function plumb.measure_deployment_gates(
    p_coverage numeric default null, p_expected_revision text default null
)
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select j.gate, j.value, j.threshold, j.status, left(j.reason, 2000)
    from (
        select 1, g.* from plumb.measure_gate_incidents() as g
        union all
        select 2, g.* from plumb.measure_gate_drift() as g
        union all
        select 3, g.* from plumb.measure_gate_coverage(p_coverage) as g
        union all
        select 4, g.* from plumb.measure_gate_backups() as g
        union all
        select 5, g.* from plumb.measure_gate_errors() as g
        union all
        select 6, g.* from plumb.measure_gate_migrations(p_expected_revision) as g
    ) as j (position, gate, value, threshold, status, reason)
    order by j.position
$$;
comment on function plumb.measure_deployment_gates(numeric, text) is
'The six gates as of now, not recorded; coverage in percent, status pass, fail or unknown.';
grant execute on function plumb.measure_deployment_gates(numeric, text) to plumb_reader;
