-- The whole round: check every enabled invariant, open or resolve its incident, let auto-correct
-- try, and put a number on it all. Rounds wait for each other, so that two of them never open
-- the same incident.
create or replace function plumb.check_invariants(p_mode text default 'deep')
returns table (
    invariant text, status text, violation_count bigint, duration_ms numeric, error text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name text;
    v_checks plumb.invariant_checks [] := '{}';
    v_check plumb.invariant_checks;
begin
    if p_mode is null or p_mode not in ('deep', 'cycle') then
        raise exception 'check mode % is not one of deep, cycle', quote_nullable(p_mode)
            using errcode = 'PL002', hint = 'deep reads everything, cycle what changed.';
    end if;
    perform pg_advisory_xact_lock(plumb.job_lock_class(), hashtext('check_invariants'));
    for v_name in
        select i.name from plumb.invariants as i where i.is_enabled order by i.priority, i.name
    loop
        v_check := plumb.check_invariant(v_name, null);
        v_checks := array_append(v_checks, plumb.judge_invariant(v_check));
    end loop;
    perform plumb.score_drift(p_mode, v_checks);
    return query
    select c.invariant, c.status, c.violation_count, c.duration_ms, c.error
    from unnest(v_checks) as c;
end;
$$;
comment on function plumb.check_invariants(text) is
'Check all invariants (deep or cycle), keep incidents and the drift score up to date.';
grant execute on function plumb.check_invariants(text) to plumb_operator, plumb_api;
