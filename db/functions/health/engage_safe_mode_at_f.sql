-- Grade F pulls the brake by itself, unless it is off by setting or a person has just released
-- it: repairing the data needs writes, and the grade only recovers after the repair. Nor does
-- it while nothing was ever checked: a fresh install knows nothing yet, which is no disaster.
create or replace function plumb.engage_safe_mode_at_f(p_score numeric)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if
        plumb.setting('safe_mode_auto_enabled')::boolean
        and exists (select from plumb.drift_scores)
        and not exists (
            select from plumb.system_mode as m
            where
                m.mode = 'safe'
                or m.disabled_at > plumb.current_time() - make_interval(
                    secs => plumb.setting_number('safe_mode_hold_seconds')::integer
                )
        )
    then
        perform plumb.engage_safe_mode(
            format('health score %s is grade F', p_score), 'plumb', true
        );
    end if;
end;
$$;
comment on function plumb.engage_safe_mode_at_f(numeric) is
'Engage safe mode because of a score, unless switched off or held by a recent release.';
