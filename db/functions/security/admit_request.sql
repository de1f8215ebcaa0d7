-- Decides whether a request reaches its handler, in one call: the mode, the blocks, the limit of
-- its class of routes, and whether its token may do this. In this order, so that a blocked client
-- is not counted and a flood cannot try tokens. It writes one unlogged row, which no commit waits
-- for; a call that writes is recorded durably before it is carried out.
-- What it reads is small and always in memory: with the default cost of a page every request would
-- read all settings instead of three.
-- p_token_rule: ignore (the application has tokens of its own), auto (writes need one as soon as
-- one exists that may write) or required (they always do).
create or replace function plumb.admit_request(
    p_client text,
    p_method text,
    p_route text,
    p_token_hash text default null,
    p_scope text default null,
    p_source text default '',
    p_token_rule text default 'ignore',
    p_is_open boolean default false,
    p_is_counted boolean default true
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set random_page_cost = 1
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_is_write constant boolean := not plumb.is_read_method(p_method);
    v_settings record;
    v_network cidr;
    v_key text;
    v_is_allowed boolean;
    v_mode record;
    v_until timestamptz;
    v_limit record;
    v_actor text;
    v_scope text;
    v_decision text := 'admit';
    v_status integer := 200;
    v_reason text := '';
    v_retry_after_seconds integer;
    v_api_call_id bigint;
begin
    select
        max(coalesce(s.value, s.default_value)::integer)
            filter (where s.name = 'ipv6_prefix_length') as ipv6_prefix_length,
        bool_or(coalesce(s.value, s.default_value)::boolean)
            filter (where s.name = 'rate_limits_enabled') as has_limits,
        bool_or(coalesce(s.value, s.default_value)::boolean)
            filter (where s.name = 'security_fails_open') as fails_open
    into v_settings
    from plumb.settings as s
    where s.name in ('ipv6_prefix_length', 'rate_limits_enabled', 'security_fails_open');
    v_network := plumb.client_network(p_client, v_settings.ipv6_prefix_length);
    v_key := plumb.network_key(v_network, p_client);
    v_is_allowed := exists (
        select
        from plumb.security_allow_list as a
        where a.network >>= case family(v_network)
            when 4 then v_network else plumb.client_network(p_client, 128)
        end
    );
    select m.mode = 'safe' as is_safe, m.reason into v_mode from plumb.system_mode as m;

    if
        v_mode.is_safe
        and v_is_write
        and not p_is_open
        and not (p_source = 'plumbline-api' and plumb.is_open_action(p_route))
    then
        v_decision := 'safe_mode';
        v_status := 503;
        v_reason := concat_ws(
            '; ',
            coalesce(v_mode.reason, ''),
            case
                when p_source = 'plumbline-api' and p_route ~ '^/(incidents|silences)/?'
                    then 'in psql: select plumb.acknowledge_incident(id, ''you'');'
            end
        );
        v_retry_after_seconds := 30;
    end if;

    if v_decision = 'admit' and not v_is_allowed then
        v_until := plumb.block_end(v_key, v_network);
        if v_until is not null then
            v_decision := 'blocked';
            v_status := 403;
            v_reason := format('%s is blocked until %s', v_key, v_until);
            v_retry_after_seconds := ceil(extract(epoch from v_until - v_now));
        end if;
    end if;

    -- Where a question is not asked, its record holds nulls.
    select r.* into v_limit
    from plumb.judge_rate_limit(v_key, p_method, p_route, p_is_counted) as r
    where v_decision = 'admit' and v_settings.has_limits and not v_is_allowed;
    if v_limit.is_exceeded then
        v_decision := 'rate_limited';
        v_status := 429;
        v_retry_after_seconds := v_limit.retry_after_seconds;
        v_reason := format(
            'more than %s %s requests in %s s',
            v_limit.requests_max, v_limit.route_class, v_limit.window_seconds
        );
    end if;

    if v_decision = 'admit' and p_token_rule <> 'ignore' then
        select a.decision, a.status, a.reason, a.actor, a.scope
        into v_decision, v_status, v_reason, v_actor, v_scope
        from plumb.judge_token(
            v_key, p_method, p_route, p_token_hash, p_scope, p_token_rule = 'required'
        ) as a;
        if v_is_write then
            v_api_call_id := plumb.record_call(
                p_source, p_method, p_route, v_key, v_actor, v_scope, v_decision, v_status
            );
        end if;
    end if;

    return jsonb_build_object(
        'decision', v_decision,
        'status', v_status,
        'reason', v_reason,
        'retryAfterSeconds', v_retry_after_seconds,
        'safeMode', v_mode.is_safe,
        'failsOpen', v_settings.fails_open,
        'client', v_key,
        'actor', v_actor,
        'scope', v_scope,
        'routeClass', v_limit.route_class,
        'requestsMax', v_limit.requests_max,
        'windowSeconds', v_limit.window_seconds,
        'remaining', v_limit.remaining,
        'apiCallId', v_api_call_id,
        'now', extract(epoch from v_now)
    );
end;
$$;
comment on function plumb.admit_request(
    text, text, text, text, text, text, text, boolean, boolean
) is
'Decide on a request: admit, safe_mode, blocked, rate_limited, token_required, invalid_token,
scope_too_small; with HTTP status, reason, seconds to wait and what the limit still allows.';
grant execute on function plumb.admit_request(
    text, text, text, text, text, text, text, boolean, boolean
) to plumb_api;
