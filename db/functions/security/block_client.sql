-- Blocks a client for a time: base, twice, four times and so on, up to a day, for one that was
-- blocked before. Never a client on the allow-list, and never the address of the person who blocks:
-- an administrator without access protects nothing.
create or replace function plumb.block_client(
    p_client text,
    p_reason text,
    p_seconds integer default null,
    p_caller text default null,
    p_by text default session_user
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_network constant cidr := plumb.client_network(
        p_client, plumb.setting_number('ipv6_prefix_length')::integer
    );
begin
    perform plumb.expect_text('the client to block', p_client);
    perform plumb.expect_text('the reason for the block', p_reason);
    perform plumb.expect_text('the name of the person', p_by);
    if p_seconds <= 0 then
        raise exception 'a block lasts at least a second, not %', p_seconds
            using errcode = 'PL002', hint = 'plumb.unblock_client() ends one.';
    end if;
    if plumb.is_allow_listed(p_client) then
        raise exception '% is on the allow-list or contains a network that is', p_client
            using errcode = 'PL005', hint = 'select * from plumb.security_allow_list;';
    end if;
    if v_network >>= inet_client_addr() or v_network >>= plumb.client_network(p_caller, 128) then
        raise exception '% contains your own address', p_client
            using errcode = 'PL005', hint = 'Block a smaller network, or call from elsewhere.';
    end if;
    return plumb._block_client(p_client, p_reason, p_by, false, p_seconds);
end;
$$;
comment on function plumb.block_client(text, text, integer, text, text) is
'Refuse a client, an address or a network; returns until when. PL005 where it would hit you.';
grant execute on function plumb.block_client(text, text, integer, text, text) to plumb_operator;
