-- The six gates as they stand this moment; nothing is recorded. What nobody measured, or
-- measured too long ago, is unknown, and unknown never passes. Values are compared as they are
-- and cut, never rounded, for display: 84.996 must neither pass as 85 nor look like it.
create or replace function plumb.measure_deployment_gates(
    p_coverage numeric default null, p_expected_revision text default null
)
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with limits as (
        select
            plumb.setting_number('gate_drift_score_min') as drift_score_min,
            plumb.setting_number('gate_coverage_percent_min') as coverage_percent_min,
            plumb.setting_number('gate_backup_age_hours_max') as backup_age_hours_max,
            plumb.setting_number('gate_error_percent_max') as error_percent_max,
            plumb.setting_number('traffic_requests_min') as requests_min,
            -- Twice the interval and a minute, as in cron_status.
            plumb.current_time() - (
                2 * plumb.setting_interval('invariant_interval_ms') + interval '1 minute'
            ) as drift_since
    ),

    p1 as (
        select count(*) as open_count, string_agg(i.title, '; ' order by i.opened_at) as titles
        from plumb.incidents as i
        where i.priority = 'P1' and i.is_open
    ),

    drift as (
        select d.*, d.invariants_holding + d.invariants_violated as checked_count
        from (select 1) as always
        left join lateral (
            select s.*
            from plumb.newest_drift_score() as s
        ) as d on true
    ),

    -- What a backup is worth is what its newest drill that reached a verdict said: one that was
    -- valid and has rotted since is not.
    proven as (
        select distinct on (v.backup_name) v.backup_name, v.status, v.taken_at
        from plumb.backup_validations as v
        left join plumb.backups as b on b.backup_name = v.backup_name
        where v.status in ('valid', 'invalid') and b.pruned_at is null
        order by v.backup_name asc, v.started_at desc, v.backup_validation_id desc
    ),

    backup as (
        select
            count(*) as proven_count,
            extract(
                epoch from plumb.current_time() - max(p.taken_at) filter (where p.status = 'valid')
            ) / 3600 as age_hours
        from proven as p
    ),

    traffic as (
        select t.*, t.error_count * 100.0 / nullif(t.request_count, 0) as error_percent
        from plumb.recent_traffic() as t
    ),

    revision as (
        select
            coalesce(p_expected_revision, plumb.setting('expected_schema_revision')) as expected,
            (select max(v.version_num) from plumb.schema_revision as v) as applied
    ),

    judged as (
        select
            1 as position,
            'NO_OPEN_P1_INCIDENTS' as gate,
            p.open_count::text as value,
            '0' as threshold,
            case when p.open_count = 0 then 'pass' else 'fail' end as status,
            case
                when p.open_count = 0 then 'no P1 incident is open'
                else 'open: ' || p.titles
            end as reason
        from p1 as p
        union all
        select
            2,
            'DRIFT_SCORE',
            trunc(d.score, 2)::text,
            '>= ' || l.drift_score_min,
            case
                when d.score is null or d.created_at < l.drift_since or d.checked_count = 0
                    then 'unknown'
                when d.score < l.drift_score_min then 'fail'
                when cardinality(d.unknown_invariants) > 0 then 'unknown'
                else 'pass'
            end,
            case
                when d.score is null then 'no invariant was ever checked'
                when d.created_at < l.drift_since
                    then format('the last drift score is from %s', d.created_at)
                when cardinality(d.unknown_invariants) > 0
                    then 'could not check ' || array_to_string(d.unknown_invariants, ', ')
                when d.checked_count = 0 then 'no invariant is enabled'
                when d.violation_count > 0
                    then format(
                        'violations: %s, in invariants: %s',
                        d.violation_count, d.invariants_violated
                    )
                else 'every invariant holds'
            end
        from drift as d
        cross join limits as l
        union all
        select
            3,
            'TEST_COVERAGE',
            trunc(p_coverage, 2) || ' %',
            format('>= %s %%', l.coverage_percent_min),
            case
                when p_coverage is null then 'unknown'
                when p_coverage >= l.coverage_percent_min then 'pass'
                else 'fail'
            end,
            case
                when p_coverage is null then 'no coverage was given'
                else format('the tests run %s %% of the lines', trunc(p_coverage, 2))
            end
        from limits as l
        union all
        select
            4,
            'BACKUP_FRESHNESS',
            trunc(b.age_hours, 1) || ' h',
            format('< %s h', l.backup_age_hours_max),
            case
                when b.proven_count = 0 then 'unknown'
                -- A manifest may be forged or its clock be wrong; five minutes are forgiven.
                when b.age_hours < -5.0 / 60 then 'unknown'
                when b.age_hours < l.backup_age_hours_max then 'pass'
                else 'fail'
            end,
            case
                when b.proven_count = 0 then 'no backup was ever proven'
                when b.age_hours is null then 'every backup that was tried is invalid'
                when b.age_hours < -5.0 / 60 then 'the last valid backup says it is of the future'
                else format('the last valid backup is %s h old', trunc(b.age_hours, 1))
            end
        from backup as b
        cross join limits as l
        union all
        select
            5,
            'ERROR_RATE',
            case
                when t.observation_count > 0 and t.request_count = 0 then 'idle'
                else trunc(t.error_percent, 3) || ' %'
            end,
            format('<= %s %%', l.error_percent_max),
            case
                when t.observation_count = 0 then 'unknown'
                when
                    plumb.judged_error_percent(t.error_count, t.request_count)
                    > l.error_percent_max
                    then 'fail'
                -- Most of a few: too few to be called a failure, too many to be passed.
                when
                    t.request_count < l.requests_min
                    and t.error_count > 0
                    and t.error_count * 2 >= t.request_count
                    then 'unknown'
                else 'pass'
            end,
            case
                when t.observation_count = 0 then 'nobody reports requests'
                when t.request_count = 0 then 'no requests'
                else plumb.failed_requests(t.error_count, t.request_count)
            end
        from traffic as t
        cross join limits as l
        union all
        select
            6,
            'MIGRATIONS_CLEAN',
            coalesce(r.applied, 'none'),
            nullif(r.expected, ''),
            case
                when r.expected = '' then 'unknown'
                when r.applied = r.expected then 'pass'
                else 'fail'
            end,
            case
                when r.expected = '' then 'no code said what it expects'
                when r.applied = r.expected then format('revision %s is applied', r.applied)
                else format(
                    'revision %s is applied, the code expects %s',
                    coalesce(r.applied, 'none'),
                    r.expected
                )
            end
        from revision as r
    )

    select j.gate, j.value, j.threshold, j.status, left(j.reason, 2000)
    from judged as j
    order by j.position
$$;
comment on function plumb.measure_deployment_gates(numeric, text) is
'The six gates as of now, not recorded; coverage in percent, status pass, fail or unknown.';
grant execute on function plumb.measure_deployment_gates(numeric, text) to plumb_reader;
