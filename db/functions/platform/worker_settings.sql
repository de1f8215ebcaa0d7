-- Lists what the sessions of plumb_worker are set to, so that settings of the whole database or
-- server do not reach the jobs: a statement_timeout would cancel them, another isolation or
-- search_path would change what they mean. Each is written as in ALTER ROLE … SET.
create or replace function plumb.worker_settings()
returns table (name text, value text, command text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        s.name,
        s.value,
        format(
            'alter role plumb_worker in database %I set %s = %s',
            current_database(),
            (
                select string_agg(quote_ident(n.part), '.' order by n.position)
                from unnest(string_to_array(s.name, '.')) with ordinality as n (part, position)
            ),
            s.value
        )
    from (values
        -- The watchdog ends what takes too long; a lock that is waited for is not worth more.
        ('statement_timeout', '0'),
        ('transaction_timeout', '0'),
        ('lock_timeout', '''60s'''),
        ('idle_in_transaction_session_timeout', '0'),
        ('idle_session_timeout', '0'),
        ('default_transaction_isolation', '''read committed'''),
        ('default_transaction_read_only', 'off'),
        ('default_transaction_deferrable', 'off'),
        ('search_path', 'pg_catalog, pg_temp'),
        -- What the jobs read is small, and the planner takes recursions for large.
        ('jit', 'off'),
        ('row_security', 'on'),
        ('session_replication_role', 'origin'),
        ('synchronous_commit', 'on'),
        -- The owner of the log may create nothing in a tablespace of others.
        ('default_tablespace', ''''''),
        ('default_table_access_method', 'heap'),
        ('exit_on_error', 'off'),
        ('client_encoding', '''UTF8'''),
        ('standard_conforming_strings', 'on'),
        ('backslash_quote', 'safe_encoding'),
        ('quote_all_identifiers', 'off'),
        ('transform_null_equals', 'off'),
        ('array_nulls', 'on'),
        ('bytea_output', '''hex'''),
        ('xmlbinary', '''base64'''),
        ('xmloption', 'content'),
        ('DateStyle', 'ISO, MDY'),
        ('IntervalStyle', 'postgres'),
        ('TimeZone', '''UTC'''),
        ('extra_float_digits', '1'),
        ('gin_fuzzy_search_limit', '0'),
        ('check_function_bodies', 'on'),
        ('restrict_nonsystem_relation_kind', ''''''),
        ('plpgsql.extra_errors', '''none'''),
        ('plpgsql.variable_conflict', '''error'''),
        ('plumb.current_time', ''''''),
        ('plumb.app_user', ''''''),
        ('plumb.audit_dismantling', '''''')
    ) as s (name, value)
    -- Older servers do not know them all; a name with a dot is free to be set.
    where
        s.name like '%.%'
        or exists (select from pg_settings as p where p.name = s.name)
$$;
comment on function plumb.worker_settings() is
'The settings of the jobs'' role in this database, with value and the command that sets it.';
