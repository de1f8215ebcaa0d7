-- Records that a client is over its limit, as one event per window, and blocks a client that goes
-- on in spite of its 429s. Called with the number of refusals in this window, from wherever they
-- are counted.
create or replace function plumb.report_rate_limited(
    p_client text, p_route_class text, p_refused_count bigint
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_refusals_max constant numeric := plumb.setting_number('rate_abuse_refusals_max');
begin
    if p_refused_count = 1 then
        perform plumb.record_security_event(
            'rate_limited', 'P4', p_client, '', jsonb_build_object('routeClass', p_route_class)
        );
    end if;
    if p_refused_count < v_refusals_max or plumb.is_allow_listed(p_client) then
        return null;
    end if;
    perform plumb.record_security_event(
        'rate_abuse', 'P3', p_client, '', jsonb_build_object('routeClass', p_route_class)
    );
    return plumb._block_client(
        p_client,
        format('%s requests refused in one window, and still asking', v_refusals_max),
        'plumb',
        true
    );
end;
$$;
comment on function plumb.report_rate_limited(text, text, bigint) is
'Record that a client is over its limit; blocks it and returns until when if it does not listen.';
grant execute on function plumb.report_rate_limited(text, text, bigint) to plumb_api;
