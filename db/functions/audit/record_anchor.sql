-- Notes that a seal's hash has left, so that retention knows what may go.
create or replace function plumb.record_anchor(p_target text, p_seal_id bigint)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into plumb.audit_anchors (target, seal_id, seal_hash, anchored_at)
    select p_target, s.seal_id, s.seal_hash, plumb.current_time()
    from plumb.seals as s
    where s.seal_id = p_seal_id
    on conflict (target, seal_id) do nothing
$$;
comment on function plumb.record_anchor(text, bigint) is
'Record that this seal''s hash was anchored at this target.';
