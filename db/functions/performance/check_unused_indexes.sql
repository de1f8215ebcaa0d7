-- Counts large indexes that no query has used since the statistics began: they only cost. An index
-- that enforces a constraint is in use by definition.
create or replace function plumb.check_unused_indexes()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'unused_indexes',
        case
            when s.since < plumb.current_time() - interval '7 days'
            then coalesce(sum(pg_relation_size(i.indexrelid)) / 1048576.0, 0)
        end,
        'MB',
        case
            when s.since < plumb.current_time() - interval '7 days'
            then coalesce(string_agg(i.indexrelid::regclass::text, ', '), 'none')
            else format(
                'statistics begin %s: a week is needed', plumb.spoken_moment(s.since)
            )
        end,
        'Drop them after asking the standbys, which count their own scans.'
    )
    from (
        select coalesce(d.stats_reset, pg_postmaster_start_time()) as since
        from pg_stat_database as d
        where d.datname = current_database()
    ) as s
    left join (
        select u.indexrelid
        from pg_stat_user_indexes as u
        inner join pg_index as x on x.indexrelid = u.indexrelid
        where
            u.idx_scan = 0
            and not x.indisunique
            and not x.indisexclusion
            and u.schemaname <> 'plumb'
            and pg_relation_size(u.indexrelid) > 1048576
    ) as i on true
    group by s.since
$$;
comment on function plumb.check_unused_indexes() is
'Megabytes of indexes never scanned; unknown until the statistics are a week old.';
grant execute on function plumb.check_unused_indexes() to plumb_reader;
