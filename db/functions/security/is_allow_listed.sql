-- Returns whether a client, or a part of its network, is on the allow-list: a block of the network
-- would block the allowed address as well.
create or replace function plumb.is_allow_listed(p_client text)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select
        from plumb.security_allow_list as a
        where a.network && plumb.client_network(
            p_client, plumb.setting_number('ipv6_prefix_length')::integer
        )
    )
$$;
comment on function plumb.is_allow_listed(text) is
'Whether a client, or any address of a network, is never to be blocked.';
grant execute on function plumb.is_allow_listed(text) to plumb_reader;
