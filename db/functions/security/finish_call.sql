-- Records how an HTTP call ended; one that did not finish is visible as such. A name that the call
-- gave stands beside a token that has none: API_TOKEN may be several people.
create or replace function plumb.finish_call(
    p_api_call_id bigint, p_status integer, p_named text default null
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update plumb.api_calls as c
    set
        status = p_status,
        answered_at = plumb.current_time(),
        actor = case
            when c.actor in ('nobody', 'API_TOKEN') and p_named <> ''
                then format('%s (%s)', left(p_named, 200), c.actor)
            else c.actor
        end
    where c.api_call_id = p_api_call_id and c.answered_at is null
$$;
comment on function plumb.finish_call(bigint, integer, text) is
'Note the HTTP status with which a recorded call was answered, and who it said it was.';
grant execute on function plumb.finish_call(bigint, integer, text) to plumb_api;
