-- Measures the component backup of health. Only a backup that a drill proved valid counts, and the
-- older it is the fewer points it gives.
create or replace function plumb.measure_backup(p_max_points numeric)
returns plumb.health_measurement
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with newest as (
        select max(p.taken_at) as taken_at
        from plumb.proven_backups() as p
        where p.status = 'valid'
    ),

    aged as (
        select
            n.taken_at,
            round((extract(epoch from plumb.current_time() - n.taken_at) / 3600)::numeric, 1)
                as age_hours
        from newest as n
    )

    select case
        when a.age_hours is null
        then ('unknown', 0, null, null, 'no valid backup is known')::plumb.health_measurement
        -- A manifest may be forged or its clock be wrong.
        when not plumb.is_recent(a.taken_at, interval '1000 years')
        then (
            'unknown', 0, a.age_hours, null, 'the last valid backup says it is of the future'
        )::plumb.health_measurement
        else (
            case b.share when 1 then 'good' else 'bad' end,
            round(p_max_points * b.share, 2),
            a.age_hours,
            b.good_max,
            format('the last valid backup is %s h old', a.age_hours)
        )::plumb.health_measurement
    end
    from aged as a
    cross join lateral plumb.health_band('backup', a.age_hours) as b
$$;
comment on function plumb.measure_backup(numeric) is
'Age of the newest valid backup in hours, by the bands of health_bands.';
