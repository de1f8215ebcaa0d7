-- Measures the age of the oldest multixact id: multixact ids run out as transaction ids do.
create or replace function plumb.check_multixact_age()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'multixact_age',
        max(mxid_age(d.datminmxid)) * 100.0 / 2000000000,
        '%',
        format('the oldest multixact id has an age of %s', max(mxid_age(d.datminmxid))),
        'VACUUM (FREEZE) the oldest tables by mxid_age(relminmxid).'
    )
    from pg_database as d
$$;
comment on function plumb.check_multixact_age() is
'Age of the oldest multixact id, percent of the limit.';
grant execute on function plumb.check_multixact_age() to plumb_reader;
