-- Measures how far a standby lags: what it has not received is lost when the primary fails.
create or replace function plumb.check_replication_lag()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'replication_lag',
        coalesce(max(extract(epoch from r.replay_lag)), 0),
        's',
        plumb.counted(count(*), 'standby is connected', 'standbys are connected'),
        'Look at the standby''s load and network: select * from pg_stat_replication;'
    )
    from pg_stat_replication as r
$$;
comment on function plumb.check_replication_lag() is
'Largest replay lag of a standby in seconds; 0 without standbys.';
grant execute on function plumb.check_replication_lag() to plumb_reader;
