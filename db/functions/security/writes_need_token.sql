-- Returns whether writes need a token: they do as soon as an operator has made one that may write.
create or replace function plumb.writes_need_token()
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from plumb.api_tokens as t
        where
            t.scope <> 'read'
            and t.revoked_at is null
            and (t.expires_at is null or t.expires_at > plumb.current_time())
    )
$$;
comment on function plumb.writes_need_token() is
'Whether a live token exists that may write: one of scope record, operate or admin.';
