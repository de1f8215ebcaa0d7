-- Returns all metrics for a scrape in one call: the families in order, each with its samples.
create or replace function plumb.describe_metrics()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with sampled as (
        select
            s.name,
            json_agg(json_build_object('labels', s.labels, 'value', s.value) order by s.labels)
                as samples
        from plumb.metric_samples() as s
        where
            s.value is not null
            -- A time that has not come yet is of a clock that was ahead: unknown, and no fresh age.
            and not (
                s.name like '%\_timestamp\_seconds'
                and s.value > extract(epoch from plumb.current_time() + interval '1 minute')
            )
        group by s.name
    )

    select json_agg(
        json_build_object(
            'name', f.name,
            'kind', f.kind,
            'help', f.help,
            'samples', coalesce(s.samples, '[]')
        ) order by f.name
    )
    from plumb.metric_families() as f
    left join sampled as s on s.name = f.name
$$;
comment on function plumb.describe_metrics() is
'Every metric with kind, help and samples, as JSON; base units.';
grant execute on function plumb.describe_metrics() to plumb_reader;
