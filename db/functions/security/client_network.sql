-- Returns the network that stands for a client: an IPv6 subscriber owns a whole network of
-- addresses, and an IPv4 address may arrive written as IPv6. Text that is no address has no
-- network.
create or replace function plumb.client_network(p_client text, p_ipv6_prefix_length integer)
returns cidr
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_address inet;
begin
    -- Nearly every client is a plain IPv4 address, and this stands in every request's way.
    if p_client ~ '^[0-9.]+$' then
        return network(p_client::inet);
    end if;
    -- A port is not part of who it is, and every connection has another: 203.0.113.77:40001,
    -- [2001:db8::1]:443. A link-local address carries its interface: fe80::1%eth0.
    v_address := regexp_replace(
        btrim(
            regexp_replace(btrim(p_client), '^([0-9.]+|\[[^]]*\]):[0-9]{1,5}$', '\1'), '[] '
        ),
        '%[^/]*',
        ''
    )::inet;
    if family(v_address) = 6 and v_address <<= inet '::ffff:0:0/96' then
        v_address := set_masklen(
            inet '0.0.0.0' + (set_masklen(v_address, 128) - inet '::ffff:0.0.0.0'),
            masklen(v_address) - 96
        );
    end if;
    -- ::1 shares its first 64 bits with no subscriber.
    if
        family(v_address) = 6
        and masklen(v_address) > p_ipv6_prefix_length
        and v_address <> inet '::1'
    then
        v_address := set_masklen(v_address, p_ipv6_prefix_length);
    end if;
    return network(v_address);
exception
    when data_exception then
        return null;
end;
$$;
comment on function plumb.client_network(text, integer) is
'The network a client''s address stands for; null when it is no IP address or network.';
grant execute on function plumb.client_network(text, integer) to plumb_reader;
