-- Returns the list of incidents as its page shows it: the open ones, then the newest that are over.
create or replace function plumb.describe_incidents_page(p_over_max integer default 50)
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'database', current_database(),
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'open', plumb.describe_incidents(p_limit => 200),
        'over', plumb.describe_incidents(
            p_statuses => plumb.incident_statuses(false), p_sort => 'newest', p_limit => p_over_max
        )
    )
$$;
comment on function plumb.describe_incidents_page(integer) is
'Open incidents, most urgent first, and the newest that are over, as JSON.';
grant execute on function plumb.describe_incidents_page(integer) to plumb_reader;
