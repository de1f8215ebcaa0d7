-- Says in one sentence whether the database is true, for everything that has room for one: the
-- status page, the badge, the fleet, the terminal. What is certain comes first: that writes are
-- refused, that an invariant is violated. Nothing is said to hold that was not checked lately.
-- p_scheduler: what plumb.describe_scheduler() returned, for callers that asked already.
create or replace function plumb.describe_truth(p_scheduler json default null)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scheduler constant json := coalesce(p_scheduler, plumb.describe_scheduler());
    v_mode record;
    v_count record;
    v_drift plumb.drift_scores;
    v_health plumb.health_scores;
    v_doubt text;
    v_violated text;
    v_status text;
    v_sentence text;
begin
    select m.mode = 'safe' as is_safe, m.reason, m.enabled_at into v_mode
    from plumb.system_mode as m;
    select
        count(*) as declared,
        count(*) filter (where s.status = 'violated') as violated,
        count(*) filter (where s.status = 'unknown') as unknown,
        count(*) filter (where s.status = 'disabled') as disabled
    into v_count
    from plumb.invariant_status as s;
    select d.* into v_drift
    from plumb.newest_drift_score() as d;

    select h.* into v_health
    from plumb.newest_health_score() as h
    where plumb.is_recent(h.created_at, plumb.staleness_limit('health_interval_ms'));

    v_doubt := case
        when v_count.declared = 0 then 'no invariant is declared'
        when v_count.declared = v_count.disabled then 'every invariant is disabled'
        when v_scheduler ->> 'status' = 'disabled' then 'every job is disabled'
        when v_scheduler ->> 'status' in ('dead', 'absent') then coalesce(
            'the scheduler is silent since '
            || plumb.spoken_moment((v_scheduler ->> 'newestRunAt')::timestamptz),
            'no job has ever run'
        )
        when v_drift.created_at is null then 'no invariant has been checked yet'
        when plumb.is_recent(
            v_drift.created_at, plumb.staleness_limit('invariant_interval_ms')
        ) is not true
            then 'the invariants were last checked at ' || plumb.spoken_moment(v_drift.created_at)
        when v_count.unknown > 0
            then plumb.counted(v_count.unknown, 'invariant') || ' could not be checked'
        when not pg_is_in_recovery() then 'the database takes no writes: ' || plumb.write_fault()
    end;
    v_violated := case
        when v_count.violated > 0 then plumb.counted(
            v_count.violated, 'invariant is violated', 'invariants are violated'
        )
    end;
    v_status := case
        when v_mode.is_safe then 'safe'
        when v_violated is not null then 'violated'
        when v_doubt is not null then 'unknown'
        else 'holds'
    end;
    v_sentence := case v_status
        when 'safe'
            then 'Safe mode: no writes since ' || plumb.spoken_moment(v_mode.enabled_at)
        when 'violated' then v_violated || ', writes go on'
        when 'unknown' then 'Cannot say: ' || v_doubt
        else 'Every invariant holds'
    end;
    return jsonb_build_object(
        'database', current_database(),
        'status', v_status,
        'sentence', v_sentence,
        -- What is true besides, each a sentence of its own.
        'also', (
            select coalesce(jsonb_agg(a.sentence order by a.position), '[]')
            from (
                values
                (1, case when v_status = 'safe' then v_violated end),
                (2, case when v_status in ('safe', 'violated') then v_doubt end),
                (
                    3,
                    case
                        when v_count.disabled > 0 and v_count.disabled < v_count.declared
                            then plumb.counted(
                                v_count.disabled,
                                'invariant is disabled',
                                'invariants are disabled'
                            )
                    end
                )
            ) as a (position, sentence)
            where a.sentence is not null
        ),
        'invariants', jsonb_build_object(
            'declared', v_count.declared,
            'violated', v_count.violated,
            'unknown', v_count.unknown,
            'disabled', v_count.disabled
        ),
        -- Null when no score is fresh.
        'score', v_health.score,
        'grade', v_health.grade,
        'checkedAt', v_drift.created_at,
        'driftScore', v_drift.score
    );
end;
$$;
comment on function plumb.describe_truth(json) is
'One sentence that says whether the database is true, its status (holds, violated, safe, unknown),
what is true besides, and the counts behind it, as JSON.';
grant execute on function plumb.describe_truth(json) to plumb_reader;
