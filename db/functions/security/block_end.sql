-- Returns the time at which the last of a client's blocks ends. Two statements, because one
-- condition over both columns could use neither index.
create or replace function plumb.block_end(p_key text, p_network cidr)
returns timestamptz
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_network is null then
        return (
            select max(b.blocked_until)
            from plumb.security_blocks as b
            where
                b.lifted_at is null
                and b.client = p_key
                and b.blocked_until > plumb.current_time()
        );
    end if;
    return (
        select max(b.blocked_until)
        from plumb.security_blocks as b
        where
            b.lifted_at is null
            and b.network >>= p_network
            and b.blocked_until > plumb.current_time()
    );
end;
$$;
comment on function plumb.block_end(text, cidr) is
'Until when the client with this name and network is refused; null when it is not.';
revoke execute on function plumb.block_end(text, cidr) from public;
