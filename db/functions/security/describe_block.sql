-- Returns a block as JSON for the HTTP service.
create or replace function plumb.describe_block(p_block plumb.security_blocks)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'client', p_block.client,
        'reason', p_block.reason,
        'blockCount', p_block.block_count,
        'blockedBy', p_block.blocked_by,
        'automatic', p_block.is_automatic,
        'blockedAt', p_block.blocked_at,
        'blockedUntil', p_block.blocked_until,
        'liftedAt', p_block.lifted_at,
        'liftedBy', p_block.lifted_by
    )
$$;
comment on function plumb.describe_block(plumb.security_blocks) is
'A block as JSON with camelCase names.';
