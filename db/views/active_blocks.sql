-- Who is refused now, why, and until when.
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
