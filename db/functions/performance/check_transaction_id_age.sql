-- Measures the age of the oldest transaction id: at two billion transactions without a freeze the
-- server stops accepting writes.
create or replace function plumb.check_transaction_id_age()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'transaction_id_age',
        max(age(d.datfrozenxid)) * 100.0 / 2000000000,
        '%',
        format(
            'the oldest database is %s with an age of %s',
            (array_agg(d.datname order by age(d.datfrozenxid) desc))[1],
            max(age(d.datfrozenxid))
        ),
        'VACUUM (FREEZE) its oldest tables, and find what keeps autovacuum from it.'
    )
    from pg_database as d
$$;
comment on function plumb.check_transaction_id_age() is
'Age of the oldest unfrozen transaction id, percent of the limit.';
grant execute on function plumb.check_transaction_id_age() to plumb_reader;
