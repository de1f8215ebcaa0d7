-- Lists the clients that are blocked now, why, and until when.
create view plumb.active_blocks as
select
    b.client,
    b.reason,
    b.block_count,
    b.blocked_by,
    b.is_automatic,
    b.blocked_at,
    b.blocked_until,
    date_trunc('second', b.blocked_until - plumb.current_time()) as remaining
from plumb.security_blocks as b
where b.lifted_at is null and b.blocked_until > plumb.current_time()
order by b.blocked_until desc;
comment on view plumb.active_blocks is 'Clients refused now; plumb.unblock_client() lets one in.';
comment on column plumb.active_blocks.client is
'Network address of the client; an IPv6 client stands for its whole network.';
comment on column plumb.active_blocks.reason is 'Why the client is blocked.';
comment on column plumb.active_blocks.block_count is
'How often the client was blocked before; each block lasts longer.';
comment on column plumb.active_blocks.blocked_by is 'Who blocked the client.';
comment on column plumb.active_blocks.is_automatic is
'Whether Plumbline did it by itself, not a person.';
comment on column plumb.active_blocks.blocked_at is 'When the block began.';
comment on column plumb.active_blocks.blocked_until is 'When the block ends by itself.';
comment on column plumb.active_blocks.remaining is 'How long the block still lasts.';
