-- Measures the component incidents of health: open incidents subtract points by priority: −10 a P1,
-- −5 a P2, −2 a P3.
create or replace function plumb.measure_incidents(p_max_points numeric)
returns plumb.health_measurement
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select (
        case when count(*) = 0 then 'good' else 'bad' end,
        greatest(
            p_max_points - coalesce(
                sum(plumb.setting_number('incident_points_' || lower(i.priority))), 0
            ),
            0
        ),
        count(*),
        0,
        case
            when count(*) = 0 then 'no open incident'
            else 'open: ' || string_agg(i.priority || ' ' || i.title, '; ' order by i.priority)
        end
    )::plumb.health_measurement
    from plumb.incidents as i
    where i.is_open
$$;
comment on function plumb.measure_incidents(numeric) is
'max points less the points of each open incident''s priority, at least 0.';
