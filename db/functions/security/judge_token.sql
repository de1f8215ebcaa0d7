-- Judges whether a request's token, or its having none, allows its method. Reading needs no token
-- unless the setting reads_need_token says so; writing needs one as soon as a token that may write
-- exists. A token that the caller verified (API_TOKEN) is given as p_scope. A token that is sent
-- must be valid even where none is needed, so that a program which sends a revoked one gets an
-- error.
create or replace function plumb.judge_token(
    p_client text,
    p_method text,
    p_route text,
    p_token_hash text,
    p_scope text,
    p_is_required boolean,
    out decision text,
    out status integer,
    out reason text,
    out actor text,
    out scope text
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_needed constant text := case
        -- The history of a row shows its values, which not everybody who reads may see.
        when p_route = '/records' then 'operate'
        when plumb.is_read_method(p_method) then 'read'
        when p_route ~ '^/(security|settings)/' then 'admin'
        when p_route = '/requests' then 'record'
        -- Its signature is its authority, which plumb.receive_webhook() judges with the body.
        when p_route ~ '^/webhooks/' then 'nothing'
        -- Who signs in has no authority yet, and who signs out needs none.
        when p_route in ('/sign-in', '/sign-out') then 'nothing'
        else 'operate'
    end;
    v_token record;
begin
    decision := 'admit';
    status := 200;
    reason := '';
    actor := case when p_scope is null then 'nobody' else 'API_TOKEN' end;
    scope := coalesce(p_scope, '');
    if p_scope is null and p_token_hash is not null then
        select t.api_token_id, t.name, t.scope, t.last_used_at into v_token
        from plumb.api_tokens as t
        where
            t.token_hash = p_token_hash
            and t.revoked_at is null
            and (t.expires_at is null or t.expires_at > v_now);
        if not found then
            decision := 'invalid_token';
            status := 401;
            reason := 'the token is unknown, expired or revoked';
            perform plumb.record_failure('invalid_token', p_client, '');
            return;
        end if;
        actor := v_token.name;
        scope := v_token.scope;
        -- Once an hour is exact enough, and spares busy tokens a write for each request.
        update plumb.api_tokens as t
        set last_used_at = v_now
        where
            t.api_token_id = v_token.api_token_id
            and (v_token.last_used_at is null or v_token.last_used_at < v_now - interval '1 hour');
    end if;
    if scope = '' then
        if
            v_needed = 'read' and plumb.setting('reads_need_token') = 'true'
            or v_needed not in ('read', 'nothing') and (p_is_required or plumb.writes_need_token())
        then
            decision := 'token_required';
            status := 401;
            reason := format('%s needs a token of scope %s', p_method, v_needed);
            perform plumb.record_failure('http_unauthorized', p_client, '');
        end if;
    elsif
        scope not in ('admin', v_needed)
        and not (scope = 'operate' and v_needed in ('read', 'record'))
        and v_needed <> 'nothing'
    then
        decision := 'scope_too_small';
        status := 403;
        reason := format('the token %s may %s, this needs %s', actor, scope, v_needed);
        perform plumb.record_failure('http_forbidden', p_client, actor);
    end if;
end;
$$;
comment on function plumb.judge_token(text, text, text, text, text, boolean) is
'Whether a request''s token, or its having none, allows its method; counts what does not.';
