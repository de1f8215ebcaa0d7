-- Turns deliveries that failed for a day into dead letters: an operator decides about them. A
-- limited number at a time, in order, so that a long outage is worked off in steps.
create or replace function plumb.expire_deliveries()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_age_seconds_max constant numeric := plumb.setting_number('delivery_age_seconds_max');
    v_count bigint;
begin
    update plumb.deliveries as d
    set
        status = 'dead',
        reason = format('waited longer than %s s', v_age_seconds_max),
        finished_at = plumb.current_time()
    where
        d.status = 'queued'
        and d.queued_at
        < plumb.current_time() - make_interval(secs => v_age_seconds_max::double precision)
        and d.delivery_id in (
            select q.delivery_id
            from plumb.destinations as c
            cross join lateral (
                select w.delivery_id
                from plumb.deliveries as w
                where w.destination = c.destination and w.status = 'queued'
                order by w.delivery_id
                limit plumb.setting_number('dispatch_batch_max')::integer
            ) as q
        );
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function plumb.expire_deliveries() is
'Declare dead what waited too long; returns how many.';
