-- Returns the name under which a client is counted, recorded and blocked, however it was written.
create or replace function plumb.client_key(p_client text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.network_key(n.network, p_client)
    from plumb.client_network(
        p_client, plumb.setting_number('ipv6_prefix_length')::integer
    ) as n (network)
$$;
comment on function plumb.client_key(text) is
'A client''s canonical name: address, network, or what an application calls it.';
grant execute on function plumb.client_key(text) to plumb_reader, plumb_api;
