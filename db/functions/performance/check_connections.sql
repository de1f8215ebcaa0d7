-- Measures the share of connections in use: a server without free connections refuses every new
-- session.
create or replace function plumb.check_connections()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'connections',
        count(*) * 100.0 / current_setting('max_connections')::integer,
        '%',
        format('%s of %s connections are in use', count(*), current_setting('max_connections')),
        'Find who holds them: select usename, state, count(*) from pg_stat_activity group by 1, 2; '
        'use a pooler before raising max_connections.'
    )
    from pg_stat_activity as a
    where a.backend_type = 'client backend'
$$;
comment on function plumb.check_connections() is 'Connections in use, percent of max_connections.';
grant execute on function plumb.check_connections() to plumb_reader;
