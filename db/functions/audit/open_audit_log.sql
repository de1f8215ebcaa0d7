-- Writes the genesis, the first seal of the log. Its prev_hash is random: the identity of this log,
-- by which an anchor distinguishes it from one that was dropped and begun again.
create or replace function plumb.open_audit_log()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_seal plumb.seals;
begin
    perform plumb.lock_section('audit log');
    if exists (select from plumb.seals) then
        perform plumb.extend_audit_log((select max(s.seal_id) from plumb.seals as s));
        return null;
    end if;
    perform plumb.extend_audit_log(0);
    v_seal.seal_id := 0;
    v_seal.format := 2;
    v_seal.origin := plumb.seal_origin();
    v_seal.is_opening := true;
    v_seal.adopted := '{}';
    v_seal.transaction_count := 0;
    v_seal.row_count := 0;
    v_seal.block_count := 0;
    v_seal.members_hash := sha256('');
    v_seal.sealed_at := clock_timestamp();
    v_seal.prev_hash := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    v_seal.seal_hash := plumb.seal_digest(v_seal);
    insert into plumb.seals select v_seal.*;
    return 0;
end;
$$;
comment on function plumb.open_audit_log() is
'Write the genesis seal if there is none; returns 0, or null when the log was open already.';
