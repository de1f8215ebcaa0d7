-- Runs the job audit-capture: reads the WAL into the log, a hundred thousand messages a step.
-- Each reading has to go through the WAL since the oldest transaction that is still open, so it
-- rests ten times as long as the last reading took. The slot is advanced over what the log has
-- durably, and only in a transaction that has not read yet, because its own reading may be rolled
-- back. It does not wait while another session reads: a slot serves one session at a time, and
-- pg_cron before 1.5 starts no job while it waits for one.
create or replace function plumb.run_capture()
returns plumb.job_step
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_items_max constant integer := 100000;
    c_quiet_bytes constant bigint := 1048576;
    v_capture plumb.audit_capture;
    v_step plumb.job_step;
    v_fault text;
    v_has_read boolean;
begin
    v_step.has_more := false;
    lock table plumb.audit_capture in share update exclusive mode;
    select c.* into v_capture from plumb.audit_capture as c;
    if not found then
        perform plumb.drop_slot();
        v_step.message := 'nothing is captured from the WAL';
        return v_step;
    end if;
    v_fault := plumb.slot_fault();
    if v_fault is not null then
        v_step.message := plumb.reopen_capture(v_fault);
        return v_step;
    elsif
        not v_capture.is_behind
        and clock_timestamp() < v_capture.captured_at
        + make_interval(secs => least(10 * v_capture.read_seconds, 600)::double precision)
    then
        v_step.message := format('rests after a reading of %s s', round(v_capture.read_seconds, 1));
        return v_step;
    elsif not exists (select from plumb.audited_tables as a where a.capture = 'wal') then
        perform plumb.close_capture();
        v_step.message := 'nothing is captured from the WAL any more';
        return v_step;
    end if;
    v_has_read := pg_current_xact_id_if_assigned() is not null;
    perform from plumb.locks as l where l.name = 'audit capture' for update skip locked;
    if not found then
        v_step.message := 'another session reads the WAL';
        return v_step;
    elsif not v_has_read then
        perform plumb.advance_slot(v_capture.through_lsn);
    end if;
    v_step.message := plumb.counted(plumb.capture_audit(c_items_max), 'row');
    -- A slot that no captured table needs only keeps WAL.
    if pg_current_wal_lsn() - v_capture.through_lsn > c_quiet_bytes then
        perform pg_logical_emit_message(true, 'plumb_tick', '');
    end if;
    select c.is_behind into v_step.has_more from plumb.audit_capture as c;
    return v_step;
end;
$$;
comment on function plumb.run_capture() is
'Read the WAL into the audit log, a step at a time; says how many rows it was.';
grant execute on function plumb.run_capture() to plumb_worker;
