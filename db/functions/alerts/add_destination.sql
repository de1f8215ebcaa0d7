-- Adds a receiver of alerts and connects it, so that there may be as many of a kind as there are
-- teams. What is not given is the default of its kind; adding it again changes what is given.
create or replace function plumb.add_destination(
    p_kind text,
    p_name text,
    p_url text,
    p_secret text default '',
    p_topics text[] default null,
    p_priorities text[] default null,
    p_description text default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kinds constant text[] := array[
        'pagerduty', 'slack', 'teams', 'email', 'alertmanager', 'ping', 'webhook'
    ];
    v_lifecycle constant text[] := array[
        'incident.escalated', 'incident.acknowledged', 'incident.unacknowledged',
        'incident.priority_raised', 'incident.resolved', 'incident.closed',
        'safe_mode.engaged', 'safe_mode.disengaged', 'flood.%'
    ];
begin
    if p_kind <> all(v_kinds) is not false then
        raise exception 'kind % of a destination is not one of %',
            plumb.shown_name(p_kind), array_to_string(v_kinds, ', ')
            using errcode = 'PL002', hint = 'A receiver of none of these kinds is a webhook.';
    end if;
    if (p_name ~ '^[a-z][a-z0-9_]{0,62}$') is not true then
        raise exception
            'the name of a destination is small letters, digits and underscores, not %',
            plumb.shown_name(p_name)
            using errcode = 'PL002', hint = 'For example ops_mail.';
    end if;
    if not coalesce(p_priorities, '{}') <@ '{P1,P2,P3,P4}' then
        raise exception 'priorities are P1 to P4, not %', p_priorities
            using errcode = 'PL002', hint = 'Such as array[''P1'', ''P2''].';
    end if;
    insert into plumb.destinations as d (destination, kind, topics, priorities, description)
    values (
        p_name,
        p_kind,
        coalesce(p_topics, case
            when p_kind = 'pagerduty' then v_lifecycle
            when p_kind = 'ping' then array['heartbeat']
            when p_kind = 'webhook' then array['%']
            else array['incident.opened', 'incident.reopened'] || v_lifecycle
        end),
        coalesce(p_priorities, case
            when p_kind = 'pagerduty' then array['P1', 'P2', 'P3']
            else array['P1', 'P2', 'P3', 'P4']
        end),
        coalesce(p_description, format('Added by %s.', session_user))
    )
    on conflict (destination) do update
    set
        kind = excluded.kind,
        topics = coalesce(p_topics, d.topics),
        priorities = coalesce(p_priorities, d.priorities),
        description = coalesce(p_description, d.description);
    perform plumb.connect_destination(p_name, p_url, p_secret);
    return plumb.describe_destination(p_name);
end;
$$;
comment on function plumb.add_destination(text, text, text, text, text[], text[], text) is
'Add and connect a destination of a kind (pagerduty, slack, teams, email, alertmanager, ping, '
'webhook); returns it as JSON.';
grant execute on function plumb.add_destination(text, text, text, text, text[], text[], text)
to plumb_admin;
