-- Blocks a client for the HTTP service: for a person who is named, and never the address of the
-- request itself.
create or replace function plumb.request_block(
    p_client text,
    p_reason text,
    p_by text,
    p_caller text,
    p_until timestamptz default null
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seconds constant double precision := extract(epoch from p_until - plumb.current_time());
begin
    if v_seconds not between 1 and 2000000000 then
        raise exception 'a block cannot last until %', p_until
            using errcode = 'PL002', hint = 'It must end in the future, within sixty years.';
    end if;
    perform plumb.block_client(p_client, p_reason, ceil(v_seconds)::integer, p_caller, p_by);
    return (
        select plumb.describe_block(b)
        from plumb.security_blocks as b
        where b.client = plumb.client_key(p_client) and b.lifted_at is null
    );
end;
$$;
comment on function plumb.request_block(text, text, text, text, timestamptz) is
'Block a client for the person in p_by, for the usual time or until a moment; returns the block.';
grant execute on function plumb.request_block(text, text, text, text, timestamptz)
to plumb_api, plumb_operator;
