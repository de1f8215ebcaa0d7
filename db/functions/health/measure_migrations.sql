-- Measures the component migrations of health: whether the schema that Plumbline, and each
-- application that declared one, expects is the one that is applied.
create or replace function plumb.measure_migrations(p_max_points numeric)
returns plumb.health_measurement
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case v.status
        when 'unknown' then ('unknown', 0, null, null, v.reason)::plumb.health_measurement
        when 'pass' then ('good', p_max_points, 0, 0, v.reason)::plumb.health_measurement
        else ('bad', 0, 1, 0, v.reason)::plumb.health_measurement
    end
    from plumb.measure_gate_migrations() as v
$$;
comment on function plumb.measure_migrations(numeric) is
'All points when every expected migration is applied and none failed, otherwise none.';
