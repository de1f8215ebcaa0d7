-- Returns whether our event triggers belong here: where the installing role may create none,
-- nothing is missing, and plumb.follow_catalog() does their work.
create or replace function plumb.has_event_triggers()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select bool_and(i.has_event_triggers) from plumb.installation as i
$$;
comment on function plumb.has_event_triggers() is
'Whether Plumbline could create its event triggers in this database.';
grant execute on function plumb.has_event_triggers() to plumb_reader;
