-- Measures whether memory grows without end, as a leak does: a straight line that fits enough
-- samples over enough time. Fewer or scattered samples give no verdict.
create or replace function plumb.check_memory()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with trend as (
        select
            count(*) as sample_count,
            extract(epoch from max(m.sampled_at) - min(m.sampled_at)) / 3600 as hours,
            regr_slope(m.server_bytes, extract(epoch from m.sampled_at)) * 3600 as bytes_per_hour,
            regr_r2(m.server_bytes, extract(epoch from m.sampled_at)) as fit,
            avg(m.server_bytes) as mean_bytes
        from plumb.memory_samples as m
        where
            plumb.is_recent(m.sampled_at, plumb.setting_interval('memory_trend_hours'))
    ),

    judged as (
        select
            t.*,
            t.sample_count >= plumb.setting_number('memory_samples_min')
            and t.hours >= plumb.setting_number('memory_trend_hours') / 2 as is_enough
        from trend as t
    )

    select plumb.judge_check(
        'memory',
        case
            when not j.is_enough then null
            -- A poor fit is noise, not growth.
            when j.fit < 0.8 or j.bytes_per_hour <= 0 then 0
            else (j.bytes_per_hour * 100 / j.mean_bytes)::numeric
        end,
        '%/h',
        case
            when not j.is_enough
            then format(
                '%s over %s h: too few',
                plumb.counted(j.sample_count, 'sample'),
                coalesce(round(j.hours, 1), 0)
            )
            else format(
                'the server''s private memory is %s MB, changing by %s MB/h (fit %s)',
                round(j.mean_bytes / 1048576),
                round((j.bytes_per_hour / 1048576)::numeric, 1),
                round(j.fit::numeric, 2)
            )
        end,
        'Find the session that grows (RssAnon in /proc/<pid>/status) and end it; look at its query.'
    )
    from judged as j
$$;
comment on function plumb.check_memory() is
'Growth of the server''s private memory in percent per hour; unknown with too few samples.';
grant execute on function plumb.check_memory() to plumb_reader;
