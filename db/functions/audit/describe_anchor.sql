-- Returns what an anchor says about a seal: enough to recognise the log and to hold it to its word.
create or replace function plumb.describe_anchor(p_seal_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'log', encode(g.prev_hash, 'hex'),
        'sealId', s.seal_id,
        'sealHash', encode(s.seal_hash, 'hex'),
        'sealedAt', s.sealed_at,
        'origin', s.origin,
        'anchoredAt', plumb.current_time()
    )
    from plumb.seals as s
    inner join plumb.seals as g on g.seal_id = 0
    where s.seal_id = p_seal_id
$$;
comment on function plumb.describe_anchor(bigint) is
'A seal as it is anchored: log (its genesis), sealId, sealHash, sealedAt, origin, anchoredAt.';
