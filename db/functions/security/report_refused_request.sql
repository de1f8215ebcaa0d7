-- Records that an application refused a request of a client with 401 or 403.
create or replace function plumb.report_refused_request(
    p_client text, p_status integer, p_actor text default ''
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_status is null or p_status not in (401, 403) then
        raise exception 'a refused request is a 401 or a 403, not %',
            coalesce(p_status::text, 'null')
            using errcode = 'PL002', hint = 'Other answers say nothing about the client.';
    end if;
    return plumb.record_failure(
        case p_status when 401 then 'http_unauthorized' else 'http_forbidden' end,
        p_client,
        p_actor
    );
end;
$$;
comment on function plumb.report_refused_request(text, integer, text) is
'Report a 401 or 403 that a client was answered; says whether it is blocked now.';
grant execute on function plumb.report_refused_request(text, integer, text)
to plumb_api, plumb_operator;
