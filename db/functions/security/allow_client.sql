-- Adds a network to the allow-list, such as the office, the load balancer, the monitoring: it is
-- never blocked. A block that holds already ends.
create or replace function plumb.allow_client(p_network text, p_reason text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_network constant cidr := plumb.client_network(p_network, 128);
begin
    if v_network is null then
        raise exception 'only addresses and networks can be allowed, not %',
            quote_nullable(p_network)
            using errcode = 'PL002', hint = 'For example 198.51.100.0/24 or 2001:db8::/48.';
    end if;
    if masklen(v_network) < (case family(v_network) when 4 then 16 else 32 end) then
        raise exception
            'network % is too wide to be allowed: it would end limits for strangers too',
            v_network
            using errcode = 'PL002', hint = 'Name networks of at least /16 (IPv4) or /32 (IPv6).';
    end if;
    perform plumb.expect_text('the reason, such as whose network it is', p_reason);
    insert into plumb.security_allow_list (network, reason, added_at)
    values (v_network, p_reason, plumb.current_time())
    on conflict (network) do update set reason = excluded.reason;
    update plumb.security_blocks as b
    set lifted_at = plumb.current_time(), lifted_by = session_user
    where b.lifted_at is null and b.network && v_network;
    perform plumb.record_security_event(
        'allow_list_extended', 'P4', v_network::text, session_user,
        jsonb_build_object('reason', p_reason)
    );
    return v_network::text;
end;
$$;
comment on function plumb.allow_client(text, text) is
'Never block or limit an address or network from now on; returns it as stored.';
grant execute on function plumb.allow_client(text, text) to plumb_admin;
