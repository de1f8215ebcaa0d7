-- Unblocks a client over HTTP; a client without a block is an error.
create or replace function plumb.request_unblock(p_client text, p_by text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not plumb.unblock_client(p_client, p_by) then
        raise exception '% is not blocked', quote_nullable(p_client)
            using errcode = 'PL001', hint = 'select * from plumb.active_blocks;';
    end if;
    return jsonb_build_object('client', plumb.client_key(p_client), 'unblockedBy', p_by);
end;
$$;
comment on function plumb.request_unblock(text, text) is
'End every block that refuses a client, for the person in p_by; PL001 when there is none.';
grant execute on function plumb.request_unblock(text, text) to plumb_api, plumb_operator;
