-- Who waits for a lock is stuck until somebody else commits; the blocker is named.
create or replace function plumb.check_lock_waits()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'lock_waits',
        coalesce(max(extract(epoch from now() - l.waitstart)), 0),
        's',
        format(
            '%s sessions wait for a lock%s',
            count(distinct l.pid),
            ': ' || string_agg(
                distinct format('%s waits for %s', l.pid, array_to_string(pg_blocking_pids(l.pid), ', ')),
                '; '
            )
        ),
        'Look at the blocker in pg_stat_activity; end it with pg_terminate_backend if it is lost.'
    )
    from pg_locks as l
    where not l.granted
$$;
comment on function plumb.check_lock_waits() is 'Longest wait for a lock in seconds.';
grant execute on function plumb.check_lock_waits() to plumb_reader;
