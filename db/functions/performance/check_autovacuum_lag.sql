-- Measures how far a table is beyond its autovacuum threshold: it waits for an autovacuum worker. A
-- table may have a threshold of its own. A table is overdue when autovacuum had the time to come:
-- two rounds since the server began and since the table was vacuumed. One that was never analyzed
-- has as many rows as the statistics count, for its catalog does not say how many.
create or replace function plumb.check_autovacuum_lag()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'autovacuum_lag',
        coalesce(max(v.multiple), 0),
        '× threshold',
        coalesce(
            'most overdue: ' || (array_agg(v.relation order by v.multiple desc))[1],
            'no table is overdue'
        ),
        'Raise autovacuum_max_workers or lower autovacuum_vacuum_cost_delay; look for blockers.'
    )
    from (
        select
            s.relid::regclass::text as relation,
            s.n_dead_tup / (
                greatest(o.threshold, 1)
                + o.scale_factor * greatest(c.reltuples, s.n_live_tup)::numeric
            ) as multiple
        from pg_stat_user_tables as s
        inner join pg_class as c on c.oid = s.relid
        cross join lateral (
            select
                coalesce(
                    max(n.option_value) filter (
                        where n.option_name = 'autovacuum_vacuum_threshold'
                    ),
                    current_setting('autovacuum_vacuum_threshold')
                )::numeric as threshold,
                coalesce(
                    max(n.option_value) filter (
                        where n.option_name = 'autovacuum_vacuum_scale_factor'
                    ),
                    current_setting('autovacuum_vacuum_scale_factor')
                )::numeric as scale_factor
            from pg_options_to_table(c.reloptions) as n
        ) as o
        where
            greatest(pg_postmaster_start_time(), s.last_vacuum, s.last_autovacuum)
            < plumb.current_time() - 2 * current_setting('autovacuum_naptime')::interval
    ) as v
$$;
comment on function plumb.check_autovacuum_lag() is
'Most overdue table: dead tuples as a multiple of its autovacuum threshold.';
grant execute on function plumb.check_autovacuum_lag() to plumb_reader;
