-- Lists the settings of the jobs' role in this database that are not as plumb.worker_settings()
-- says.
create or replace function plumb.unset_worker_settings()
returns table (name text, command text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select s.name, s.command
    from plumb.worker_settings() as s
    -- Without a role of its own for them, each session of the jobs sets what it needs.
    where (select bool_and(i.is_by_superuser) from plumb.installation as i) and not exists (
        select
        from pg_db_role_setting as d
        inner join pg_database as b on b.oid = d.setdatabase
        cross join lateral unnest(d.setconfig) as c (setting)
        where
            b.datname = current_database()
            and d.setrole = 'plumb_worker'::regrole
            and lower(c.setting) = lower(format('%s=%s', s.name, trim(both '''' from s.value)))
    )
$$;
comment on function plumb.unset_worker_settings() is
'Settings of the jobs'' role that were changed or removed, with the commands that set them.';
