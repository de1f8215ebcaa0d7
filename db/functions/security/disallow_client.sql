-- Removes a network from the allow-list. This blocks no client; it only makes blocks possible
-- again.
create or replace function plumb.disallow_client(p_network text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_network constant cidr := plumb.client_network(p_network, 128);
begin
    delete from plumb.security_allow_list as a where a.network = v_network;
    if not found then
        return false;
    end if;
    perform plumb.record_security_event(
        'allow_list_shortened', 'P4', v_network::text, session_user
    );
    return true;
end;
$$;
comment on function plumb.disallow_client(text) is
'Take a network off the allow-list; returns whether it was on it.';
grant execute on function plumb.disallow_client(text) to plumb_operator;
