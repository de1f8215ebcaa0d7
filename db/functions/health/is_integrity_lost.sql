-- Returns whether integrity is lost: drift below its limit together with an open P1. The sum of the
-- components does not show it, because drift 0 and two P1s still leave 50 of 100 points.
create or replace function plumb.is_integrity_lost()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        exists (
            select from plumb.incidents as i
            where i.priority = 'P1' and i.is_open
        )
        and coalesce(
            (
                select d.score < plumb.setting_number('health_cap_drift_below')
                from plumb.newest_drift_score() as d
            ), false
        )
$$;
comment on function plumb.is_integrity_lost() is
'Whether the newest drift score is below health_cap_drift_below while a P1 incident is open.';
