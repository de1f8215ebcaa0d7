-- Changes a setting for a person who asks over HTTP: never without a reason and a name. Without a
-- value it gets its default again.
create or replace function plumb.request_setting(
    p_name text, p_reason text, p_by text, p_value text default null
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.expect_text('the reason for the change', p_reason);
    perform plumb.expect_text('the name of the person', p_by);
    perform plumb.change_setting(p_name, p_value, p_reason, p_by);
end;
$$;
comment on function plumb.request_setting(text, text, text, text) is
'Change a setting for the HTTP service, with reason and person; without a value to the default.';
revoke execute on function plumb.request_setting(text, text, text, text) from public;
grant execute on function plumb.request_setting(text, text, text, text) to plumb_api;
