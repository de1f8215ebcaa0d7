-- Code that expects another schema than is applied works on borrowed time.
create or replace function plumb.measure_migrations(p_max_points numeric)
returns plumb.health_measurement
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when e.expected = ''
        then ('unknown', 0, null, null, 'no code said what it expects')::plumb.health_measurement
        when a.applied = e.expected
        then (
            'good', p_max_points, 0, 0, format('revision %s is applied', a.applied)
        )::plumb.health_measurement
        else (
            'bad',
            0,
            1,
            0,
            format(
                'revision %s is applied, the code expects %s',
                coalesce(a.applied, 'none'), e.expected
            )
        )::plumb.health_measurement
    end
    from (select plumb.setting('expected_schema_revision') as expected) as e
    left join (select max(v.version_num) as applied from plumb.schema_revision as v) as a on true
$$;
comment on function plumb.measure_migrations(numeric) is
'All points when the applied revision is the expected one, otherwise none.';
