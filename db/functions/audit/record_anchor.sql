-- Records that a seal was anchored. Retention removes only what an anchor outside holds: on another
-- device than the data, or taken by a server over https.
create or replace function plumb.record_anchor(
    p_target text, p_seal_id bigint, p_is_outside boolean
)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into plumb.audit_anchors (target, seal_id, seal_hash, anchored_at, is_outside)
    select p_target, s.seal_id, s.seal_hash, plumb.current_time(), p_is_outside
    from plumb.seals as s
    where s.seal_id = p_seal_id
    on conflict (target, seal_id) do nothing
$$;
comment on function plumb.record_anchor(text, bigint, boolean) is
'Record that this seal''s hash was anchored at this target.';
