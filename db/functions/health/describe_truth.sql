-- Says in one sentence whether the database is true, for everything that has room for one: the
-- status page, the badge, the fleet, the terminal. What is certain comes first: that writes are
-- refused, that an invariant is violated, that the log was edited. Nothing is said to hold that was
-- not checked lately, and whatever cannot be said comes with what a person does about it.
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
    v_doubt text[];
    v_violated text;
    v_edited text;
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

    -- What keeps it from being judged, and what a person does then.
    v_doubt := case
        when v_count.declared = 0 then array[
            'no invariant is declared',
            'Run `./plumb attach`: it proposes tables to guard and rules to declare.'
        ]
        when v_count.declared = v_count.disabled then array[
            'every invariant is disabled',
            'Enable one: `select plumb.tune_invariant(''NAME'', p_is_enabled => true);`'
        ]
        when v_scheduler ->> 'status' = 'disabled' then array[
            'every job is disabled',
            'Enable them: `select plumb.enable_job(job_name) from plumb.jobs;`'
        ]
        when v_scheduler ->> 'status' in ('dead', 'absent') then array[
            coalesce(
                'the scheduler is silent since '
                || plumb.spoken_moment((v_scheduler ->> 'newestRunAt')::timestamptz),
                'no job has ever run'
            ),
            'Run `./plumb doctor`: it says why no job runs. `./plumb up` starts what is not there.'
        ]
        when v_drift.created_at is null then array[
            'no invariant has been checked yet',
            'Run `./plumb verify`: it checks them now.'
        ]
        when plumb.is_recent(
            v_drift.created_at, plumb.staleness_limit('invariant_interval_ms')
        ) is not true then array[
            'the invariants were last checked at ' || plumb.spoken_moment(v_drift.created_at),
            'Run `./plumb verify` to check them now, and `./plumb doctor` to see why no job does.'
        ]
        when v_count.unknown > 0 then array[
            plumb.counted(v_count.unknown, 'invariant') || ' could not be checked',
            'See why: `select name, error from plumb.invariant_status where status = ''unknown'';`'
        ]
        when not pg_is_in_recovery() then array[
            'the database takes no writes: ' || plumb.write_fault(),
            'Run `./plumb doctor`: it looks at the disk and the server.'
        ]
    end;
    v_violated := case
        when v_count.violated > 0 then plumb.counted(
            v_count.violated, 'invariant is violated', 'invariants are violated'
        )
    end;
    select 'the audit log is not intact: ' || plumb.counted(count(*), 'P1 finding')
    into v_edited
    from plumb.open_findings as f
    where f.priority = 'P1'
    having count(*) > 0;
    v_status := case
        when v_mode.is_safe then 'safe'
        when v_violated is not null or v_edited is not null then 'violated'
        when v_doubt[1] is not null then 'unknown'
        else 'holds'
    end;
    v_sentence := case v_status
        when 'safe'
            then 'Safe mode: no writes since ' || plumb.spoken_moment(v_mode.enabled_at)
        when 'violated' then coalesce(
            v_violated || ', writes go on', overlay(v_edited placing 'T' from 1 for 1)
        )
        when 'unknown' then 'Cannot say: ' || v_doubt[1]
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
                (2, case when v_status = 'safe' or v_violated is not null then v_edited end),
                (3, case when v_status in ('safe', 'violated') then v_doubt[1] end),
                (
                    4,
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
        'doubt', case
            when v_doubt[1] is not null
                then jsonb_build_object('sentence', v_doubt[1], 'next', v_doubt[2])
        end,
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
what is true besides, what keeps it from being judged with the way out (doubt), and the counts
behind it, as JSON.';
grant execute on function plumb.describe_truth(json) to plumb_reader;
