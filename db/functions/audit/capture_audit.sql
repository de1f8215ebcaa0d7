-- Reads what was committed to captured tables, as blocks that wait for the next seal. The blocks
-- and how far they reach are stored in one transaction, and what the log has is skipped when it is
-- read again: nothing is in the log twice and nothing is left out, whatever is killed when.
--
-- Completely: all that was committed before the call, for who compares a table with its log. A
-- commit with synchronous_commit off is visible before the WAL has it on the disk, from where it is
-- read: for three times wal_writer_delay at most, as PostgreSQL promises. Where no transaction
-- ended since this one read completely, there is nothing to read. It is read up to where the WAL
-- ended before: a record behind that, which is on the disk by half, would be waited for until
-- another session commits.
create or replace function plumb.capture_audit(p_items_max integer default null)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set work_mem = '64MB'
set jit = off
as $$
declare
    c_page constant integer := 8192;
    v_started_at constant timestamptz := clock_timestamp();
    v_snapshot constant text := pg_current_snapshot();
    v_target pg_lsn := pg_current_wal_insert_lsn();
    v_waits_until constant timestamptz := v_started_at
    + 3 * current_setting('wal_writer_delay')::interval + interval '50 ms';
    v_capture plumb.audit_capture;
    v_fault text;
    v_rows bigint;
begin
    select c.* into v_capture from plumb.audit_capture as c;
    if not found or (p_items_max is null and v_capture.read_snapshot = v_snapshot) then
        return 0;
    elsif current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'capturing needs READ COMMITTED, not %',
            upper(current_setting('transaction_isolation'))
            using errcode = 'PL005',
            hint = 'Its snapshot must be newer than the lock it waits for.';
    end if;
    -- What is skipped later must not be undone by a crash.
    if current_setting('synchronous_commit') in ('off', 'local') then
        perform set_config('synchronous_commit', 'on', true);
    end if;
    perform plumb.lock_section('audit capture', 60);
    v_fault := plumb.slot_fault();
    if v_fault is not null then
        raise exception 'changes cannot be read from the WAL: %', v_fault
            using errcode = 'PL005',
            hint = 'The job audit-capture begins anew by itself, and records the gap.';
    end if;
    select c.* into v_capture from plumb.audit_capture as c;
    -- Past the header of a page there is nothing to wait for.
    if (v_target - '0/0')::bigint % c_page < 64 then
        v_target := v_target - (v_target - '0/0')::bigint % c_page;
    end if;
    while
        pg_current_wal_flush_lsn() < v_target
        and clock_timestamp() < v_waits_until
    loop
        perform pg_sleep(0.01);
    end loop;

    with captured as (
        insert into plumb.audit_captured (
            txid, first_n, row_count, keys, lines, salts, digests, block_hash
        )
        select
            r.txid, r.first_n, r.row_count, r.keys::integer [], r.lines, r.salts, r.digests,
            r.block_hash
        from plumb.py_read_changes(
            (v_capture.through_lsn - '0/0')::bigint,
            pg_current_xact_id()::text::bigint,
            plumb.message_key(),
            v_capture.tables,
            p_items_max,
            case when pg_current_wal_flush_lsn() >= v_target then v_target end
        ) as r
        returning row_count
    )

    select coalesce(sum(c.row_count), 0) into v_rows from captured as c;
    update plumb.audit_capture
    set
        captured_at = clock_timestamp(),
        read_snapshot = case when p_items_max is null then v_snapshot end,
        read_seconds = extract(epoch from clock_timestamp() - v_started_at);
    return v_rows;
end;
$$;
comment on function plumb.capture_audit(integer) is
'Read what was committed to captured tables from the WAL, now; returns how many rows it was.';
revoke execute on function plumb.capture_audit(integer) from public;
grant execute on function plumb.capture_audit(integer) to plumb_operator, plumb_owner;
