-- Returns until when a client is refused. Applications that do not use the request layer ask here
-- before they look at a password.
create or replace function plumb.blocked_until(p_client text)
returns timestamptz
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.block_end(plumb.network_key(n.network, p_client), n.network)
    from plumb.client_network(
        p_client, plumb.setting_number('ipv6_prefix_length')::integer
    ) as n (network)
$$;
comment on function plumb.blocked_until(text) is
'Until when a client is refused; null when it is not.';
grant execute on function plumb.blocked_until(text) to plumb_reader, plumb_api;
