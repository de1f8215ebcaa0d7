-- Revokes a token: it is refused from the next request on.
create or replace function plumb.revoke_token(p_name text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update plumb.api_tokens as t
    set revoked_at = plumb.current_time(), revoked_by = session_user
    where t.name = p_name and t.revoked_at is null;
    if not found then
        raise exception 'there is no live token named %', quote_nullable(p_name)
            using errcode = 'PL001', hint = 'select * from plumb.token_list;';
    end if;
    perform plumb.record_security_event(
        'token_revoked', 'P4', '', session_user, jsonb_build_object('name', p_name)
    );
end;
$$;
comment on function plumb.revoke_token(text) is 'Refuse an API token from now on.';
