-- Makes a seal of what was committed since the last one: the blocks of those transactions, and a
-- hash over the last of their links. It takes a hundred thousand rows that were recorded and as
-- many that were captured, and the rest of the transactions in which that is reached, so that a
-- backlog is sealed in steps of bounded size.
create or replace function plumb.seal_audit()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_rows_max constant integer := 100000;
    v_last plumb.seals;
    v_seal plumb.seals;
    v_through_txid xid8;
    v_captured_txid xid8;
    v_blocks record;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'sealing needs READ COMMITTED, not %',
            upper(current_setting('transaction_isolation'))
            using errcode = 'PL005',
            hint = 'Its snapshot must be newer than the lock it waits for.';
    end if;
    -- A crash must not undo a seal that another session has already seen.
    if current_setting('synchronous_commit') in ('off', 'local') then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    perform plumb.lock_section('audit log');

    select s.* into v_last from plumb.seals as s order by s.seal_id desc limit 1;
    if not found then
        raise exception 'the audit log has no genesis'
            using errcode = 'PL005', hint = 'select plumb.open_audit_log();';
    end if;
    v_seal.seal_id := v_last.seal_id + 1;
    v_seal.format := 2;
    v_seal.origin := plumb.seal_origin();
    v_seal.is_opening := v_seal.origin <> v_last.origin;
    v_seal.adopted := '{}';
    v_seal.prev_hash := v_last.seal_hash;

    select max(t.txid) into v_through_txid
    from (
        select i.txid
        from plumb.audit_intake as i
        where i.txid is distinct from pg_current_xact_id_if_assigned()
        order by i.txid
        limit c_rows_max
    ) as t;
    select max(t.txid) into v_captured_txid
    from (
        select
            c.txid,
            sum(c.row_count) over (order by c.txid, c.first_n) - c.row_count as rows_before
        from plumb.audit_captured as c
    ) as t
    where t.rows_before < c_rows_max;
    if
        v_through_txid is null
        and v_captured_txid is null
        and not v_seal.is_opening
        and v_last.sealed_at
        > clock_timestamp() - plumb.setting_interval('seal_heartbeat_seconds')
    then
        return v_last.seal_id;
    end if;
    perform plumb.extend_audit_log(v_seal.seal_id);
    perform plumb.publish_intake();
    select b.* into v_blocks
    from plumb.seal_blocks(
        v_seal.seal_id, v_seal.prev_hash, v_through_txid, v_captured_txid
    ) as b;
    v_seal.members_hash := case
        when v_blocks.block_count > 0 then v_blocks.last_hash else sha256('')
    end;
    v_seal.block_count := v_blocks.block_count;
    v_seal.transaction_count := v_blocks.transaction_count;
    v_seal.row_count := v_blocks.row_count;
    v_seal.sealed_at := clock_timestamp();
    v_seal.seal_hash := plumb.seal_digest(v_seal);
    insert into plumb.seals select v_seal.*;
    return v_seal.seal_id;
end;
$$;
comment on function plumb.seal_audit() is
'Seal what committed since the last seal, now; returns the newest seal''s number.';
grant execute on function plumb.seal_audit() to plumb_operator;
