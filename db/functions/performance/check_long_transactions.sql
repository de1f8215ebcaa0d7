-- Measures the age of the oldest transaction: vacuum cannot remove dead rows that are newer.
create or replace function plumb.check_long_transactions()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'long_transactions',
        greatest(max(extract(epoch from plumb.current_time() - a.xact_start)), 0),
        's',
        case
            when count(*) = 0 then 'no other transaction is running'
            else format(
                'the oldest transaction is of process %s (%s), running: %s',
                (array_agg(a.pid order by a.xact_start))[1],
                (array_agg(a.usename order by a.xact_start))[1],
                left(
                    plumb.redact_statement((array_agg(a.query order by a.xact_start))[1]), 80
                )
            )
        end,
        'Ask its owner, or select pg_terminate_backend(pid);'
    )
    from pg_stat_activity as a
    where
        a.backend_type = 'client backend'
        and a.xact_start is not null
        and a.state not like 'idle in transaction%'
        and a.pid <> pg_backend_pid()
$$;
comment on function plumb.check_long_transactions() is
'Age of the oldest running transaction in seconds.';
grant execute on function plumb.check_long_transactions() to plumb_reader;
