-- Begins to read the WAL anew after a slot was lost, or advanced by another session, or in a copy
-- that was promoted or restored. What was committed in between is in no log: the gap is a row of
-- it, from where to where in the WAL, and each captured table waits for a baseline, which compares
-- it with its log row by row, records what differs and enters it as it is.
create or replace function plumb.reopen_capture(p_fault text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before plumb.audit_capture;
    v_after pg_lsn;
    v_table plumb.audited_tables;
begin
    if pg_current_xact_id_if_assigned() is not null then
        raise exception 'the replication slot cannot be made in a transaction that has written'
            using errcode = 'PL005', hint = 'Call it in a transaction of its own.';
    end if;
    select c.* into v_before from plumb.audit_capture as c;
    perform plumb.drop_slot();
    v_after := plumb.create_slot();
    perform plumb.lock_section('audit capture');
    update plumb.audit_capture
    set
        slot_name = plumb.slot_name(),
        origin = plumb.seal_origin(),
        through_lsn = v_after,
        tables = plumb.captured_tables(),
        captured_at = clock_timestamp(),
        is_behind = false,
        read_seconds = 0;
    perform plumb.append_audit(
        'GAP',
        'plumb.audit_log',
        '',
        null,
        jsonb_build_object(
            'from_lsn', v_before.through_lsn,
            'from_origin', v_before.origin,
            'from_time', v_before.captured_at,
            'to_lsn', v_after,
            'to_origin', plumb.seal_origin(),
            'reason', p_fault
        )
    );
    for v_table in
        select a.* from plumb.audited_tables as a where a.capture = 'wal' order by a.relation
    loop
        perform plumb.ask_for_baseline(v_table, format('a gap of the WAL: %s', p_fault));
        perform plumb.note_event(
            'log_has_gap',
            v_table.relation,
            format('%s to %s', v_before.through_lsn, v_after),
            'P1',
            'every change in the log',
            left(format('%s; nothing is known of what was committed between', p_fault), 1000)
        );
    end loop;
    return format('began anew at %s: %s', v_after, p_fault);
end;
$$;
comment on function plumb.reopen_capture(text) is
'Begin to read the WAL anew after changes were lost, and record the gap; says where it begins.';
