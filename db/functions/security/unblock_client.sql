-- Unblocks a client. An administrator whose address is blocked can call it from psql: blocks hold
-- over HTTP only.
create or replace function plumb.unblock_client(p_client text, p_by text default session_user)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_network constant cidr := plumb.client_network(
        p_client, plumb.setting_number('ipv6_prefix_length')::integer
    );
    v_blocks integer;
begin
    perform plumb.expect_text('the name of the person', p_by);
    update plumb.security_blocks as b
    set lifted_at = plumb.current_time(), lifted_by = p_by
    where
        b.lifted_at is null
        and (b.client = plumb.client_key(p_client) or b.network >>= v_network);
    get diagnostics v_blocks = row_count;
    if v_blocks > 0 then
        perform plumb.record_security_event('client_unblocked', 'P4', p_client, p_by);
    end if;
    return v_blocks > 0;
end;
$$;
comment on function plumb.unblock_client(text, text) is
'End every block that refuses a client; returns whether there was one.';
grant execute on function plumb.unblock_client(text, text) to plumb_operator;
