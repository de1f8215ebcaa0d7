-- Returns the name of a client whose network is known: an address, a network, or what an
-- application calls it. Inlined, because every request asks for it.
create or replace function plumb.network_key(p_network cidr, p_client text)
returns text
language sql
immutable
as $$
    select case
        when p_network is null
            then pg_catalog.left(pg_catalog.btrim(coalesce(p_client, '')), 200)
        when pg_catalog.masklen(p_network) operator(pg_catalog.=) case
            when pg_catalog.family(p_network) operator(pg_catalog.=) 4 then 32 else 128
        end then pg_catalog.host(p_network)
        else p_network::pg_catalog.text
    end
$$;
comment on function plumb.network_key(cidr, text) is
'The canonical name of a client: its network, and its own text when it has no network.';
revoke execute on function plumb.network_key(cidr, text) from public;
