-- Measures how long a session has been idle in a transaction: it keeps its locks and its snapshot.
create or replace function plumb.check_idle_in_transaction()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'idle_in_transaction',
        greatest(max(extract(epoch from plumb.current_time() - a.state_change)), 0),
        's',
        format(
            '%s idle in a transaction%s',
            plumb.counted(count(*), 'session is', 'sessions are'),
            ': '
            || string_agg(format('%s (%s)', a.pid, a.application_name), ', ' order by a.xact_start)
        ),
        'Repair the application; set idle_in_transaction_session_timeout as a safety net.'
    )
    from pg_stat_activity as a
    where
        a.backend_type = 'client backend'
        and a.state in ('idle in transaction', 'idle in transaction (aborted)')
$$;
comment on function plumb.check_idle_in_transaction() is
'Age of the oldest idle transaction in seconds.';
grant execute on function plumb.check_idle_in_transaction() to plumb_reader;
