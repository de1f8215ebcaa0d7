-- Measures the WAL that a replication slot keeps: a slot without a reader keeps it until the disk
-- is full.
create or replace function plumb.check_replication_slots()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'replication_slots',
        coalesce(
            max(
                (case
                    when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn()
                end - s.restart_lsn) / 1048576.0
            ) filter (where not s.active),
            0
        ),
        'MB',
        format(
            '%s, %s of them inactive',
            plumb.counted(count(*), 'slot'),
            count(*) filter (where not s.active)
        ),
        'Start its reader, or select pg_drop_replication_slot(name);'
    )
    from pg_replication_slots as s
$$;
comment on function plumb.check_replication_slots() is
'WAL kept back by the laziest inactive slot in megabytes.';
grant execute on function plumb.check_replication_slots() to plumb_reader;
