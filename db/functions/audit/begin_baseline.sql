-- Begins a baseline: returns a position of the log such that no change of the table is recorded
-- before it and committed after it. For a table that triggers record, that needs a moment without
-- a writer: those who write are waited for, within audit_lock_timeout_ms, and nobody begins
-- meanwhile. The lock is given back at once, by undoing the subtransaction that took it. What the
-- WAL tells of a captured table has the order of the commits, so it is enough to have read it.
-- Nothing of that is needed where this transaction holds writers up anyway. Runs as the superuser,
-- for the lock on a table that is not ours.
reset role;
create or replace function plumb.begin_baseline(
    p_relation text,
    out begin_position bigint,
    out row_position bigint,
    out at timestamptz,
    out is_beside boolean
)
returns record
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_sequence constant regclass := 'plumb.audit_intake_position_seq';
    v_table constant regclass := plumb.find_relation(p_relation);
begin
    is_beside := not exists (
        select from pg_locks as l
        where
            l.pid = pg_backend_pid()
            and l.relation = v_table
            and l.granted
            and l.mode in ('ShareLock', 'ShareRowExclusiveLock', 'AccessExclusiveLock')
    );
    if
        is_beside
        and exists (
            select from plumb.audited_tables as a
            where a.relation = p_relation and a.capture = 'trigger'
        )
    then
        begin
            perform set_config(
                'lock_timeout', plumb.setting('audit_lock_timeout_ms') || 'ms', true
            );
            execute format('lock table %s in share mode', v_table);
            begin_position := nextval(c_sequence);
            row_position := nextval(c_sequence);
            at := clock_timestamp();
            raise exception 'begun' using errcode = 'PL000', hint = 'Undoes the lock.';
        exception
            when sqlstate 'PL000' then return;
        end;
    elsif is_beside then
        perform plumb.capture_audit();
    end if;
    begin_position := nextval(c_sequence);
    row_position := nextval(c_sequence);
    at := clock_timestamp();
end;
$$;
comment on function plumb.begin_baseline(text) is
'Begin a baseline: its position, one for its rows, the time, and whether others may write.';
revoke execute on function plumb.begin_baseline(text) from public;
grant execute on function plumb.begin_baseline(text) to plumb_owner;
