-- Returns what the page of executive reports shows.
create or replace function plumb.describe_reports_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'reports', plumb.describe_executive_reports(50) -> 'reports'
    )
$$;
comment on function plumb.describe_reports_page() is
'The newest executive reports as JSON.';
grant execute on function plumb.describe_reports_page() to plumb_reader;
