-- Begins to read the WAL of this database for the audit log, unless that is so already. It says in
-- words what the server lacks. A slot can be made only by a transaction that wrote nothing, and it
-- stays when the transaction is rolled back: the job drops one that no table needs, and a lock that
-- needs no transaction number keeps it from doing so too soon.
create or replace function plumb.open_capture()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lacks text [] := array(
        select l.reason
        from (
            values
            (current_setting('wal_level') <> 'logical', format(
                'wal_level is %s, not logical: alter system set wal_level = logical, then restart',
                current_setting('wal_level')
            )),
            (pg_is_in_recovery(), 'the server is a standby: do it on the primary'),
            (current_setting('server_version_num')::integer < 150000, format(
                'PostgreSQL is %s, older than 15', current_setting('server_version')
            )),
            (
                not exists (
                    select from pg_roles as r
                    where r.rolname = 'plumb_replicator' and (r.rolreplication or r.rolsuper)
                ),
                'the role plumb_replicator has no REPLICATION:'
                ' alter role plumb_replicator replication'
            ),
            (
                not exists (select from pg_language as l where l.lanname = 'plpython3u'),
                'plpython3u is not installed, which reads the messages: install it, then'
                ' ./plumb migrate'
            ),
            (
                not exists (select from pg_publication as p where p.pubname = 'plumb_audit'),
                'the publication plumb_audit is missing: ./plumb migrate'
            )
        ) as l (is_lacking, reason)
        where l.is_lacking
    );
    v_lsn pg_lsn;
begin
    if cardinality(v_lacks) > 0 then
        raise exception 'changes cannot be captured from the WAL: %',
            array_to_string(v_lacks, ', and ')
            using errcode = 'PL005',
            hint = 'Repair that, or audit with triggers: capture => ''trigger''.';
    end if;
    lock table plumb.audit_capture in share update exclusive mode;
    if exists (select from plumb.audit_capture) then
        return;
    elsif pg_current_xact_id_if_assigned() is not null then
        raise exception 'the replication slot cannot be made in a transaction that has written'
            using errcode = 'PL005',
            hint = 'Begin a transaction with this call;'
                ' from the second table on it may come later.';
    end if;
    perform plumb.drop_slot();
    v_lsn := plumb.create_slot();
    insert into plumb.audit_capture (slot_name, origin, through_lsn, captured_at)
    values (plumb.slot_name(), plumb.seal_origin(), v_lsn, clock_timestamp());
end;
$$;
comment on function plumb.open_capture() is
'Begin to read the WAL for the audit log; PL005 says what the server lacks.';
