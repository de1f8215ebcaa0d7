-- Records how an HTTP call ended; one that did not finish is visible as such.
create or replace function plumb.finish_call(p_api_call_id bigint, p_status integer)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update plumb.api_calls as c
    set status = p_status, answered_at = plumb.current_time()
    where c.api_call_id = p_api_call_id and c.answered_at is null
$$;
comment on function plumb.finish_call(bigint, integer) is
'Note the HTTP status with which a recorded call was answered.';
grant execute on function plumb.finish_call(bigint, integer) to plumb_api;
