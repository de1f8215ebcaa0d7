-- Claims an idempotency key, so that a request sent twice is carried out once: the session that
-- inserts the key first proceeds, every other one gets its result. It answers instead of raising,
-- with the HTTP status that the IETF's draft recommends. An application whose work is all in this
-- database claims, works and completes in one transaction: then the second request waits for it and
-- gets its answer. After idempotency_claim_seconds a claim counts as abandoned and goes to the next
-- request.
create or replace function plumb.claim_idempotency_key(
    p_scope text,
    p_key text,
    p_request_hash text,
    p_ttl_seconds integer default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_key constant text := plumb.idempotency_key(p_key);
    v_ttl_seconds constant double precision := coalesce(
        p_ttl_seconds, plumb.setting_number('idempotency_ttl_seconds')
    );
    v_claimed plumb.idempotency_keys;
begin
    if coalesce(p_scope, '') = '' or p_request_hash is null or v_ttl_seconds <= 0 then
        raise exception 'a claim has a scope, a hash and a lifetime, got %, % and % s',
            quote_nullable(p_scope), quote_nullable(p_request_hash), v_ttl_seconds
            using errcode = 'PL002', hint = 'Scope keys by caller and route.';
    end if;
    if v_key is null then
        return jsonb_build_object(
            'decision', case when coalesce(btrim(p_key), '') = '' then 'missing' else 'invalid' end,
            'status', 400
        );
    end if;

    insert into plumb.idempotency_keys as k (
        scope, idempotency_key, request_hash, created_at, claimed_until, expires_at
    )
    values (
        p_scope,
        v_key,
        p_request_hash,
        v_now,
        v_now + plumb.setting_interval('idempotency_claim_seconds'),
        v_now + make_interval(secs => v_ttl_seconds)
    )
    on conflict (scope, idempotency_key) do update
    set
        request_hash = excluded.request_hash,
        status = 'in_progress',
        response_status = null,
        response_headers = '{}',
        response_body = null,
        claim_id = excluded.claim_id,
        created_at = excluded.created_at,
        claimed_until = excluded.claimed_until,
        completed_at = null,
        expires_at = excluded.expires_at
    where
        k.expires_at <= v_now
        -- Only the same request may take over: another payload is a mistake at any time.
        or k.status = 'in_progress'
        and k.claimed_until <= v_now
        and k.request_hash = excluded.request_hash
    returning k.* into v_claimed;
    if found then
        return jsonb_build_object(
            'decision', 'proceed', 'status', 200, 'claimId', v_claimed.claim_id
        );
    end if;

    select k.* into v_claimed
    from plumb.idempotency_keys as k
    where k.scope = p_scope and k.idempotency_key = v_key;
    if v_claimed.request_hash <> p_request_hash then
        return jsonb_build_object('decision', 'other_request', 'status', 422);
    elsif v_claimed.status = 'completed' then
        return jsonb_build_object(
            'decision', 'replay',
            'status', v_claimed.response_status,
            'headers', v_claimed.response_headers,
            'body', v_claimed.response_body
        );
    end if;
    return jsonb_build_object(
        'decision', 'in_progress',
        'status', 409,
        'retryAfterSeconds',
        greatest(ceil(extract(epoch from v_claimed.claimed_until - v_now)), 1)
    );
end;
$$;
comment on function plumb.claim_idempotency_key(text, text, text, integer) is
'Claim a key for a request: proceed (with claimId), replay (with status, headers, body),
in_progress (409), other_request (422), missing or invalid (400).';
grant execute on function plumb.claim_idempotency_key(text, text, text, integer)
to plumb_api, plumb_operator;
