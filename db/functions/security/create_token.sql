-- Creates a token for the HTTP service. The token is shown once, here, and only its hash is stored.
-- It is 256 random bits, so one plain SHA-256 protects it.
create or replace function plumb.create_token(
    p_name text, p_scope text, p_days integer default null
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- gen_random_uuid() is PostgreSQL's strong random source; each gives 122 bits, and two are
    -- hashed together to even bits.
    v_token constant text := 'plumb_' || translate(
        encode(
            sha256(
                uuid_send(gen_random_uuid())
                || uuid_send(gen_random_uuid())
                || uuid_send(gen_random_uuid())
            ),
            'base64'
        ),
        '+/=',
        '-_'
    );
begin
    if p_name is null or p_name !~ '^[A-Za-z0-9._@-]{1,100}$' then
        raise exception 'a token''s name has 1 to 100 letters, digits or ._@-, got %',
            quote_nullable(left(p_name, 120))
            using errcode = 'PL002', hint = 'Name the person or program that will use it.';
    end if;
    if p_scope is null or p_scope not in ('record', 'read', 'operate', 'admin') then
        raise exception 'a scope is record, read, operate or admin, not %', quote_nullable(p_scope)
            using
                errcode = 'PL002',
                hint = 'record may only report requests, operate may write,'
                    ' admin may change security too.';
    end if;
    if p_days not between 1 and 3650 then
        raise exception 'a token lives 1 to 3650 days, not %', p_days
            using errcode = 'PL002', hint = 'Without a number it lives until it is revoked.';
    end if;
    begin
        insert into plumb.api_tokens (name, scope, token_hash, created_at, expires_at)
        values (
            p_name,
            p_scope,
            encode(sha256(convert_to(v_token, 'UTF8')), 'hex'),
            plumb.current_time(),
            plumb.current_time() + make_interval(days => p_days)
        );
    exception
        when unique_violation then
            raise exception 'there is a token named % already', quote_literal(p_name)
                using errcode = 'PL005', hint = 'Revoke it first, or choose another name.';
    end;
    perform plumb.record_security_event(
        'token_created', 'P4', '', session_user,
        jsonb_build_object('name', p_name, 'scope', p_scope)
    );
    return v_token;
end;
$$;
comment on function plumb.create_token(text, text, integer) is
'Create an API token (name, scope record, read, operate or admin, days) and return it, '
'this one time.';
