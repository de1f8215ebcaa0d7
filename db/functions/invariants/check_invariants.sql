-- Checks every enabled invariant, opens or resolves its incident, runs auto-correct and computes
-- the drift score. Runs wait for each other, so that two of them never open the same incident. A
-- cycle follows the log: it looks at the keys changed since the invariant was last checked, so that
-- its cost follows what changed and not what exists.
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
    v_from_seal bigint;
    v_to_seal bigint;
    v_checks plumb.invariant_checks[] := array[]::plumb.invariant_checks[];
    v_check plumb.invariant_checks;
    v_position integer;
    v_count integer;
begin
    if p_mode is null or p_mode not in ('deep', 'cycle') then
        raise exception 'check mode % is not one of deep, cycle', quote_nullable(p_mode)
            using errcode = 'PL002', hint = 'deep reads everything, cycle what changed.';
    end if;
    -- Less than the timeout of the job, whose cancelling would not name the holder.
    perform plumb.lock_section('check invariants', 200);
    -- Taken before any view is read: what is sealed meanwhile is looked at again next time.
    select max(s.seal_id) into v_to_seal from plumb.seals as s;
    perform plumb.follow_rules();
    for v_name, v_from_seal, v_position, v_count in
        select
            i.name,
            i.checked_seal,
            row_number() over (order by i.priority, i.name),
            count(*) over ()
        from plumb.invariants as i
        where i.is_enabled
        order by i.priority, i.name
    loop
        -- For who waits: ./plumb shows it, and nobody else sees it.
        raise debug 'checking % of %: %', v_position, v_count, v_name;
        perform plumb.collect_steps(v_name, v_from_seal, v_to_seal);
        v_check := plumb.check_invariant(
            v_name,
            case when p_mode = 'cycle' then plumb.changed_keys(v_name, v_from_seal, v_to_seal) end
        );
        if v_check.status <> 'unknown' then
            perform plumb.blame_violations(v_name, v_from_seal, v_to_seal);
            update plumb.invariants as i
            set checked_seal = v_to_seal
            where i.name = v_name and i.checked_seal is distinct from v_to_seal;
        end if;
        v_checks := array_append(v_checks, plumb.judge_invariant(v_check));
    end loop;
    perform plumb.score_drift(p_mode, v_checks, null, v_to_seal);
    return query
    select c.invariant, c.status, c.violation_count, c.duration_ms, c.error
    from unnest(v_checks) as c;
end;
$$;
comment on function plumb.check_invariants(text) is
'Check all invariants (deep or cycle), keep incidents and the drift score up to date.';
grant execute on function plumb.check_invariants(text) to plumb_operator, plumb_api;
