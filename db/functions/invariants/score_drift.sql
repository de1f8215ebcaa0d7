-- Scores how true the data is, as one number. It falls with every violation and never rises with
-- more; a P1 violation keeps it below 85, the limit of the deployment gate, whatever the weights
-- say; an invariant that could not be checked costs as much as a violated one, because unknown is
-- not green.
create or replace function plumb.score_drift(
    p_mode text,
    p_checks plumb.invariant_checks[],
    p_from_seal bigint default null,
    p_to_seal bigint default null
)
returns numeric
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_score_id bigint;
    v_score numeric;
begin
    insert into plumb.drift_scores (
        score,
        mode,
        invariants_holding,
        invariants_violated,
        unknown_invariants,
        violation_count,
        from_seal,
        to_seal,
        created_at
    )
    select
        least(
            greatest(100 - coalesce(sum(s.penalty), 0), 0),
            case when bool_or(s.status <> 'holds' and s.priority = 'P1') then 84.99 else 100 end
        ),
        p_mode,
        count(*) filter (where s.status = 'holds'),
        count(*) filter (where s.status = 'violated'),
        coalesce(array_agg(s.name order by s.name) filter (where s.status = 'unknown'), '{}'),
        coalesce(sum(s.violation_count), 0),
        p_from_seal,
        p_to_seal,
        plumb.current_time()
    from (
        select
            i.name,
            i.priority,
            c.status,
            c.violation_count,
            plumb.drift_penalty(
                w.first_penalty,
                w.growth_penalty,
                w.max_penalty,
                i.weight,
                case when c.status = 'unknown' then 1 else c.violation_count end
            ) as penalty
        from unnest(p_checks) as c
        inner join plumb.invariants as i on i.name = c.invariant
        inner join plumb.drift_weights as w on w.priority = i.priority
    ) as s
    returning drift_score_id, score into v_score_id, v_score;
    update plumb.invariant_checks as k
    set drift_score_id = v_score_id
    from unnest(p_checks) as c
    where k.invariant_check_id = c.invariant_check_id;
    return v_score;
end;
$$;
comment on function plumb.score_drift(
    text, plumb.invariant_checks[], bigint, bigint
) is
'Record and return the drift score (0 to 100) of a round of checks.';
