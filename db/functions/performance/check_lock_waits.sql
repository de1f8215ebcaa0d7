-- Measures how long a session waits for a lock. The session that blocks it is named, with its last
-- statement, because it is often idle and appears in no list of slow queries.
create or replace function plumb.check_lock_waits()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'lock_waits',
        greatest(max(w.wait_seconds), 0),
        's',
        format(
            '%s for a lock%s',
            plumb.counted(count(distinct w.pid), 'session waits', 'sessions wait'),
            ': ' || string_agg(w.explanation, '; ' order by w.wait_seconds desc)
        ),
        'Look at the blocker in pg_stat_activity; end it with pg_terminate_backend if it is lost.'
    )
    from (
        select
            l.pid,
            extract(epoch from plumb.current_time() - min(l.waitstart)) as wait_seconds,
            format(
                '%s waits for %s',
                l.pid,
                (
                    select
                        string_agg(
                            format(
                                '%s (%s): %s',
                                a.pid,
                                a.usename,
                                left(plumb.redact_statement(a.query), 80)
                            ),
                            ', '
                        )
                    from pg_stat_activity as a
                    where a.pid = any(pg_blocking_pids(l.pid))
                )
            ) as explanation
        from pg_locks as l
        where not l.granted
        group by l.pid
    ) as w
$$;
comment on function plumb.check_lock_waits() is 'Longest wait for a lock in seconds.';
grant execute on function plumb.check_lock_waits() to plumb_reader;
