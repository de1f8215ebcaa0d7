-- The name under which a client is counted, recorded and blocked, however it was written.
create or replace function plumb.client_key(p_client text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when n.network is null then left(btrim(coalesce(p_client, '')), 200)
        when masklen(n.network) = case family(n.network) when 4 then 32 else 128 end
            then host(n.network)
        else n.network::text
    end
    from plumb.client_network(
        p_client, plumb.setting_number('ipv6_prefix_length')::integer
    ) as n (network)
$$;
comment on function plumb.client_key(text) is
'A client''s canonical name: address, network, or what an application calls it.';
grant execute on function plumb.client_key(text) to plumb_reader, plumb_api;
