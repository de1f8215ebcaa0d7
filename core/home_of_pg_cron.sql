-- The database of this server in which pg_cron lives, when it is loaded and that is another one;
-- and whether it starts jobs without logging in. pg_settings shows the settings of loaded
-- libraries only, also while the launcher starts again after a failure, and hides what this role
-- may not see.
select
    max(d.datname),
    coalesce(
        bool_or(
            exists (
                select
                from pg_settings as w
                where w.name = 'cron.use_background_workers' and w.setting = 'on'
            )
        ),
        false
    )
from pg_settings as s
inner join pg_database as d on d.datname = s.setting
where
    s.name = 'cron.database_name'
    and d.datname <> current_database()
    and 'pg_cron' not in (select e.extname from pg_extension as e)
