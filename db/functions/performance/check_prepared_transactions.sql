-- Measures the age of the oldest prepared transaction: it outlives its session and every restart,
-- and keeps its locks and its snapshot until it is ended by name. No list of sessions shows it.
create or replace function plumb.check_prepared_transactions()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'prepared_transactions',
        greatest(max(extract(epoch from plumb.current_time() - p.prepared)), 0),
        's',
        case
            when count(*) = 0 then 'no transaction is prepared'
            else format(
                '%s: %s',
                plumb.counted(count(*), 'transaction is prepared', 'transactions are prepared'),
                string_agg(
                    format('%L of role %I in database %I', p.gid, p.owner, p.database),
                    ', ' order by p.prepared
                )
            )
        end,
        'Connect to its database as its role: commit prepared ''…''; or rollback prepared ''…'';'
    )
    from pg_prepared_xacts as p
$$;
comment on function plumb.check_prepared_transactions() is
'Age of the oldest prepared transaction in seconds.';
grant execute on function plumb.check_prepared_transactions() to plumb_reader;
