-- Measures the dead space in tables: every scan reads it too. Estimated from dead tuples, which
-- costs nothing; pgstattuple measures exactly.
create or replace function plumb.check_bloat()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'bloat',
        coalesce(max(b.dead_percent), 0),
        '%',
        coalesce(
            'worst: ' || (array_agg(b.relation order by b.dead_percent desc nulls last))[1],
            'no table of 10 MB or more'
        ),
        'VACUUM it; if it stays, look for long transactions and autovacuum settings.'
    )
    from (
        select
            s.relid::regclass::text as relation,
            s.n_dead_tup * 100.0 / nullif(s.n_live_tup + s.n_dead_tup, 0) as dead_percent
        from pg_stat_user_tables as s
        where pg_relation_size(s.relid) >= 10485760
    ) as b
$$;
comment on function plumb.check_bloat() is
'Largest share of dead tuples in a table of at least 10 MB, in percent.';
grant execute on function plumb.check_bloat() to plumb_reader;
