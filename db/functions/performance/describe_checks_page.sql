-- Returns what the page of the server's checks shows, those that are not ok first. Measured now:
-- what the job stored has neither reason nor remedy.
create or replace function plumb.describe_checks_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'checks', json_agg(
            to_jsonb(c)
            order by
                array_position(array['critical', 'warning', 'unknown', 'ok'], c.status),
                c.check_name
        )
    )
    from plumb.database_checks as c
$$;
comment on function plumb.describe_checks_page() is
'Every check of the server as of now, those that are not ok first, as JSON.';
grant execute on function plumb.describe_checks_page() to plumb_reader;
