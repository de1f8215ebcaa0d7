-- Changes which messages a destination receives.
create or replace function plumb.route_destination(
    p_destination text,
    p_topics text[] default null,
    p_priorities text[] default null,
    p_is_enabled boolean default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not coalesce(p_priorities, '{}') <@ plumb.priorities() then
        raise exception 'priorities are P1 to P4, not %', p_priorities
            using errcode = 'PL002', hint = 'Such as array[''P1'', ''P2''].';
    end if;
    update plumb.destinations as d
    set
        topics = coalesce(p_topics, d.topics),
        priorities = coalesce(p_priorities, d.priorities),
        is_enabled = coalesce(p_is_enabled, d.is_enabled)
    where d.destination = p_destination;
    if not found then
        raise exception 'there is no destination %', quote_nullable(p_destination)
            using errcode = 'PL001', hint = 'select destination from plumb.destination_status;';
    end if;
    return plumb.describe_destination(p_destination);
end;
$$;
comment on function plumb.route_destination(text, text[], text[], boolean) is
'Change topics (LIKE patterns), priorities or whether it gets any message; null leaves as it is.';
grant execute on function plumb.route_destination(text, text[], text[], boolean)
to plumb_operator;
