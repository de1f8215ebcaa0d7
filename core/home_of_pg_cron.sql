-- The database of this server in which pg_cron lives, when it is loaded and that is another one;
-- and whether it starts jobs without logging in.
select
    max(d.datname),
    coalesce(
        current_setting('cron.use_background_workers', true) in ('on', 'true', 'yes', '1'), false
    )
from pg_database as d
where
    d.datname = current_setting('cron.database_name', true)
    and d.datname <> current_database()
    and 'pg_cron' not in (select e.extname from pg_extension as e)
    -- The setting of a library that is not loaded is but a line of a file.
    and 'pg_cron launcher' in (select a.backend_type from pg_stat_activity as a)
