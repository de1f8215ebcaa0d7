-- Records a security event. The same event within a minute is one row with a count, so that an
-- attack of thousands of requests cannot fill the disk.
create or replace function plumb.record_security_event(
    p_kind text,
    p_severity text,
    p_client text default '',
    p_actor text default '',
    p_details jsonb default '{}'
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_client constant text := plumb.client_key(p_client);
    v_actor constant text := left(coalesce(p_actor, ''), 200);
    v_event_id bigint;
begin
    if p_kind is null or p_kind !~ '^[a-z][a-z0-9_]{0,62}$' then
        raise exception 'a kind of event is a name in small letters, not %', quote_nullable(p_kind)
            using errcode = 'PL002', hint = 'For example failed_login.';
    end if;
    if p_severity is null or p_severity <> all(plumb.priorities()) then
        raise exception 'a severity is P1, P2, P3 or P4, not %', quote_nullable(p_severity)
            using errcode = 'PL002', hint = 'P1 is the most urgent.';
    end if;
    update plumb.security_events as e
    set event_count = e.event_count + 1
    where e.security_event_id = (
        select o.security_event_id
        from plumb.security_events as o
        where
            o.kind = p_kind
            and o.client = v_client
            and o.actor = v_actor
            and o.severity = p_severity
            and o.details = coalesce(p_details, '{}')
            and o.occurred_at > v_now - interval '1 minute'
            and o.occurred_at <= v_now
        order by o.occurred_at desc
        limit 1
    )
    returning e.security_event_id into v_event_id;
    if v_event_id is null then
        insert into plumb.security_events (kind, severity, client, actor, details, occurred_at)
        values (p_kind, p_severity, v_client, v_actor, coalesce(p_details, '{}'), v_now)
        returning security_event_id into v_event_id;
    end if;
    return v_event_id;
end;
$$;
comment on function plumb.record_security_event(text, text, text, text, jsonb) is
'Record what looked like an attack; the same within a minute counts up one row. Returns its id.';
grant execute on function plumb.record_security_event(text, text, text, text, jsonb)
to plumb_operator;
