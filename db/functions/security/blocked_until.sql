-- Applications that do not use the request layer ask here before they look at a password.
create or replace function plumb.blocked_until(p_client text)
returns timestamptz
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select max(b.blocked_until)
    from plumb.security_blocks as b
    where
        b.lifted_at is null
        and b.blocked_until > plumb.current_time()
        and (
            b.client = plumb.client_key(p_client)
            or b.network >>= plumb.client_network(
                p_client, plumb.setting_number('ipv6_prefix_length')::integer
            )
        )
$$;
comment on function plumb.blocked_until(text) is
'Until when a client is refused; null when it is not.';
grant execute on function plumb.blocked_until(text) to plumb_reader, plumb_api;
