-- What writes the audit log. The triggers' arguments, in this order, are the name under which
-- the table is logged (its own, or its root's when it is a partition), its key, which of the
-- session's formats its columns depend on ('', zone or all), and, when there are any, the
-- columns to exclude and to mask.
--
-- They run as the owner of the log, so that an application needs no right on it, and with a
-- search_path of their own: a plan that depended on the caller's would be made anew each time
-- a function with another one fires them.

-- Up to a hundred rows are read into arrays; for more, one statement pays for being planned.
-- PL/pgSQL prepares each expression anew for every table that a transaction changes, so there are
-- few here.
create or replace function plumb.tg_audit()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_formats jsonb;
    v_old_rows jsonb [];
    v_new_rows jsonb [];
begin
    if tg_argv[2] <> '' then
        if tg_argv[2] = 'all' or current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT') then
            v_formats := plumb.pin_formats();
        end if;
    end if;

    if tg_op = 'INSERT' then
        v_new_rows := array(select to_jsonb(t.*) from new_rows as t limit 101);
    elsif tg_op = 'UPDATE' then
        select
            array(select to_jsonb(t.*) from old_rows as t limit 101),
            array(select to_jsonb(t.*) from new_rows as t limit 101)
        into v_old_rows, v_new_rows;
    else
        v_old_rows := array(select to_jsonb(t.*) from old_rows as t limit 101);
    end if;
    if
        plumb.append_audits(
            tg_op, tg_argv[0], tg_argv[1], v_old_rows, v_new_rows, tg_argv[3], tg_argv[4]
        ) is null
    then
        execute plumb.audit_insertion(
            tg_argv[0],
            plumb.audit_source(
                tg_op,
                case tg_op when 'INSERT' then 'new_rows' else 'old_rows' end,
                tg_argv[1],
                tg_argv[3],
                tg_argv[4]
            )
        );
    end if;

    if v_formats is not null then
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit() is 'Write what a statement changed to the audit log.';

-- Logical replication applies row by row and fires no statement triggers, so its target tables
-- carry this one as well, enabled for the replica role only; the other is then enabled for the
-- origin role only, and every change is written once.
create or replace function plumb.tg_audit_row()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_formats constant jsonb := plumb.pin_formats();
begin
    perform plumb.append_audits(
        tg_op,
        tg_argv[0],
        tg_argv[1],
        array[case when tg_op <> 'INSERT' then to_jsonb(old) end],
        array[case when tg_op <> 'DELETE' then to_jsonb(new) end],
        tg_argv[3],
        tg_argv[4]
    );
    perform plumb.unpin_formats(v_formats);
    return null;
end;
$$;
comment on function plumb.tg_audit_row() is
'Write what logical replication applied to the audit log.';

-- The log is written once. Whoever must change it (redaction and retention do) says so in a
-- setting and owns the log; an application can do neither.
create or replace function plumb.tg_keep_audit()
returns trigger
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if
        current_setting('plumb.audit_dismantling', true) = 'on purpose'
        and pg_has_role(current_user, 'plumb_owner', 'member')
    then
        return case when tg_level = 'ROW' then coalesce(new, old) end;
    end if;
    raise exception '%.% is append-only: % refused', tg_table_schema, tg_table_name, tg_op
        using errcode = 'object_not_in_prerequisite_state',
        hint = 'Erase personal data with plumb.redact_audit(), old rows with plumb.retire_audit().';
end;
$$;
comment on function plumb.tg_keep_audit() is 'Refuse every change of what the log has recorded.';

-- Row triggers reach every partition, now and later; TRUNCATE is guarded where a partition is
-- made as well.
create or replace trigger audit_log_is_append_only
before update or delete on plumb.audit_log
for each row execute function plumb.tg_keep_audit();
alter table plumb.audit_log enable always trigger audit_log_is_append_only;

create or replace trigger audit_log_keeps_all
before truncate on plumb.audit_log
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_log enable always trigger audit_log_keeps_all;

-- The partitions' own, too, where somebody dropped them or switched them off.
do $$
declare
    v_partition regclass;
begin
    for v_partition in
        select i.inhrelid::regclass
        from pg_inherits as i
        where i.inhparent = 'plumb.audit_log'::regclass
    loop
        execute format(
            'create or replace trigger audit_log_keeps_all before truncate on %s '
            'for each statement execute function plumb.tg_keep_audit()', v_partition
        );
        execute format('alter table %s enable always trigger audit_log_keeps_all', v_partition);
        execute format('alter table %s enable always trigger audit_log_is_append_only', v_partition);
    end loop;
end;
$$;

create or replace trigger seals_are_append_only
before update or delete or truncate on plumb.seals
for each statement execute function plumb.tg_keep_audit();
alter table plumb.seals enable always trigger seals_are_append_only;

create or replace trigger audit_transactions_are_append_only
before update or delete or truncate on plumb.audit_transactions
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_transactions enable always trigger audit_transactions_are_append_only;

create or replace trigger audit_retentions_are_append_only
before update or delete or truncate on plumb.audit_retentions
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_retentions enable always trigger audit_retentions_are_append_only;

-- A log begins with its genesis, once.
select plumb.open_audit_log();

-- TRUNCATE of a table is one row of the log: its contents follow from what stands before. TRUNCATE
-- of a single partition leaves the rest of the table as it is, so each row is written as deleted.
-- Truncating the root fires its trigger first and then those of its partitions, which see in a
-- setting of this transaction that all is said. Anybody may set that, so the log must say it too,
-- and as the last thing about the table.
create or replace function plumb.tg_audit_truncate()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_own_name constant text := plumb.relation_name(tg_relid);
    v_txid constant xid8 := pg_current_xact_id();
    v_formats jsonb;
begin
    if tg_argv[0] = v_own_name then
        if tg_when = 'BEFORE' then
            perform set_config('plumb.audit_truncating', tg_argv[0], true);
            perform plumb.append_audit('TRUNCATE', tg_argv[0], '', null, null);
        else
            perform set_config('plumb.audit_truncating', '', true);
        end if;
    elsif
        tg_when = 'BEFORE'
        and (
            current_setting('plumb.audit_truncating', true) is distinct from tg_argv[0]
            or not exists (
                select from plumb.audit_log as l
                where
                    l.txid = v_txid
                    and l.op = 'TRUNCATE'
                    and l.relation = tg_argv[0]
                    and not exists (
                        select from plumb.audit_log as o
                        where
                            o.txid = l.txid
                            and o.base_seal = l.base_seal
                            and o.relation = l.relation
                            and o.n > l.n
                    )
            )
        )
    then
        v_formats := plumb.pin_formats();
        execute plumb.audit_insertion(
            tg_argv[0],
            format(
                'select %L as op, i.key as record_key, i.value as old_row, null::jsonb as new_row'
                ' from plumb.inspect(%L) as i',
                'DELETE',
                plumb.payload_query(
                    tg_relid,
                    (
                        select a.key_columns
                        from plumb.audited_tables as a
                        where a.relation = tg_argv[0]
                    ),
                    coalesce(tg_argv[3]::text [], '{}'),
                    coalesce(tg_argv[4]::text [], '{}'),
                    p_is_only => true
                )
            )
        );
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_truncate() is 'Write a TRUNCATE to the audit log.';
revoke execute on function plumb.tg_audit_truncate() from public;
