-- Returns a page of security events as JSON, newest first.
create or replace function plumb.describe_security_events(
    p_kinds text[] default null,
    p_client text default null,
    p_since timestamptz default null,
    p_limit integer default 50,
    p_cursor text default null
)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before constant bigint := plumb.page_cursor(p_limit, p_cursor);
    v_client constant text := plumb.client_key(p_client);
    v_page json;
begin
    with page as (
        select
            e.*,
            row_number() over (order by e.security_event_id desc) as position
        from plumb.security_events as e
        where
            e.security_event_id < v_before
            and (p_kinds is null or e.kind = any(p_kinds))
            and (p_client is null or e.client = v_client)
            and (p_since is null or e.occurred_at >= p_since)
        order by e.security_event_id desc
        -- One row more than asked for shows whether there is a next page.
        limit p_limit + 1
    )

    select json_build_object(
        'events', coalesce(
            json_agg(
                json_build_object(
                    'securityEventId', p.security_event_id,
                    'kind', p.kind,
                    'severity', p.severity,
                    'client', p.client,
                    'actor', p.actor,
                    'details', p.details,
                    'eventCount', p.event_count,
                    'occurredAt', p.occurred_at
                )
                order by p.position
            ) filter (where p.position <= p_limit), '[]'
        ),
        'nextCursor', case when count(*) > p_limit then
            (min(p.security_event_id) filter (where p.position = p_limit))::text
        end
    )
    into v_page
    from page as p;
    return v_page;
end;
$$;
comment on function plumb.describe_security_events(text[], text, timestamptz, integer, text) is
'A page of security events as JSON with nextCursor, newest first.';
grant execute on function plumb.describe_security_events(
    text[], text, timestamptz, integer, text
) to plumb_reader;
