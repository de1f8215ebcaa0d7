-- Stores what the daily job starts; a row that is the same stays as it is.
insert into plumb.backup_agent as a (command, environment)
values (%s, %s)
on conflict (id) do update
    set command = excluded.command, environment = excluded.environment, installed_at = now()
    where (a.command, a.environment) is distinct from (excluded.command, excluded.environment)
