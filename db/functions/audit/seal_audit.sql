-- Closes the chains of all transactions that committed since the last seal.
--
-- It looks at those that the last snapshot did not see: the ones it lists as running, and all
-- after its xmax. That is a range of the primary key, so the cost follows what was written, even
-- while a transaction has been open for hours. They are sealed as soon as they are visible; who
-- commits later is sealed later, by the same rule, whatever its number.
create or replace function plumb.seal_audit()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_last plumb.seals;
    v_seal plumb.seals;
    v_floor bigint;
    v_opening_adopted xid8 [];
    v_entries bigint;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'sealing needs READ COMMITTED, not %',
            upper(current_setting('transaction_isolation'))
            using errcode = 'PL005',
            hint = 'Its snapshot must be newer than the lock it waits for.';
    end if;
    -- A seal that a crash could undo would be a seal that somebody has already seen.
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
    v_seal.format := 1;
    v_seal.origin := plumb.seal_origin();
    v_seal.snapshot := plumb.ended_transactions();
    v_seal.is_opening :=
        v_seal.origin <> v_last.origin
        or pg_snapshot_xmax(v_seal.snapshot) < pg_snapshot_xmax(v_last.snapshot);
    v_seal.adopted := '{}';

    -- A transaction of this incarnation started from the seal before its opening, or a later one.
    select greatest(s.seal_id - 1, 0), s.adopted
    into v_floor, v_opening_adopted
    from plumb.seals as s
    where s.is_opening
    order by s.seal_id desc
    limit 1;

    if v_seal.is_opening then
        v_seal.adopted := plumb.seal_opening(v_seal.seal_id, v_seal.snapshot, v_last.snapshot);
    else
        with ended as (
            select l.txid, l.base_seal, max(l.n) as row_count
            from plumb.audit_log as l
            where
                (
                    l.txid >= pg_snapshot_xmax(v_last.snapshot)
                    or l.txid = any(array(select pg_snapshot_xip(v_last.snapshot)))
                )
                and pg_visible_in_snapshot(l.txid, v_seal.snapshot)
                and l.base_seal between v_floor and v_last.seal_id
                and not (l.base_seal = v_floor and l.txid = any(v_opening_adopted))
            group by l.txid, l.base_seal
            union all
            -- Prepared before a promotion, committed after it: the number is still the same one.
            select l.txid, l.base_seal, max(l.n) as row_count
            from plumb.audit_log as l
            where
                l.txid = any(array(select pg_snapshot_xip(v_last.snapshot)))
                and pg_visible_in_snapshot(l.txid, v_seal.snapshot)
                and l.base_seal < v_floor
                and not exists (
                    select from plumb.audit_transactions as t
                    where t.txid = l.txid and t.base_seal = l.base_seal
                )
            group by l.txid, l.base_seal
        )

        insert into plumb.audit_transactions (seal_id, txid, base_seal, row_count, last_hash)
        select v_seal.seal_id, e.txid, e.base_seal, e.row_count, l.row_hash
        from ended as e
        inner join plumb.audit_log as l
            on l.txid = e.txid and l.n = e.row_count and l.base_seal = e.base_seal;
    end if;
    get diagnostics v_entries = row_count;

    if
        v_entries = 0
        and not v_seal.is_opening
        and v_last.sealed_at > clock_timestamp() - make_interval(
            secs => plumb.setting_number('seal_heartbeat_seconds')::double precision
        )
    then
        return v_last.seal_id;
    end if;
    select d.members_hash, d.transaction_count, d.row_count
    into v_seal.members_hash, v_seal.transaction_count, v_seal.row_count
    from plumb.members_digest(v_seal.seal_id, v_seal.seal_id) as d;
    if not found then
        v_seal.members_hash := sha256('');
        v_seal.transaction_count := 0;
        v_seal.row_count := 0;
    end if;
    v_seal.sealed_at := clock_timestamp();
    v_seal.prev_hash := v_last.seal_hash;
    v_seal.seal_hash := plumb.seal_digest(v_seal);
    perform plumb.extend_audit_log(v_seal.seal_id);
    insert into plumb.seals select v_seal.*;
    return v_seal.seal_id;
end;
$$;
comment on function plumb.seal_audit() is
'Seal what committed since the last seal, now; returns the newest seal''s number.';
grant execute on function plumb.seal_audit() to plumb_operator;
