-- What writes the audit log. The triggers' arguments, in this order, are the name under which
-- the table is logged (its own, or its root's when it is a partition), its key, which of the
-- session's formats its columns depend on ('', zone or all), and, when there are any, the
-- columns to exclude and to mask.
--
-- They run as the owner of the log, so that an application needs no right on it, and with a
-- search_path of their own: a plan that depended on the caller's would be made anew each time
-- a function with another one fires them.

-- One INSERT … SELECT for a statement, whatever it changed: plumb.link_audit makes each row and
-- moves the chain on, row by row, for the executor asks for the next row only after it has stored
-- the one before. The offset keeps it from being called once for each of its columns. The old and
-- the new rows of an UPDATE are paired by their order: PostgreSQL stores both at once for each row.
create or replace function plumb.tg_audit()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
    v_formats jsonb;
    v_count bigint;
    v_skip bigint := 0;
begin
    if tg_argv[2] <> '' and (
        current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT')
        or tg_argv[2] = 'all'
    ) then
        v_formats := plumb.pin_formats();
    end if;

    if tg_op = 'INSERT' then
        insert into plumb.audit_log
        select (l.row_data).*
        from (
            select
                plumb.link_audit(
                    'INSERT',
                    tg_argv[0],
                    tg_argv[1],
                    null,
                    case
                        when tg_nargs = 3 then to_jsonb(t.*)
                        else plumb.audit_payload(to_jsonb(t.*), tg_argv[3]::text [], tg_argv[4]::text [])
                    end
                ) as row_data
            from new_rows as t
            offset 0
        ) as l;
    elsif tg_op = 'DELETE' then
        insert into plumb.audit_log
        select (l.row_data).*
        from (
            select
                plumb.link_audit(
                    'DELETE',
                    tg_argv[0],
                    tg_argv[1],
                    case
                        when tg_nargs = 3 then to_jsonb(t.*)
                        else plumb.audit_payload(to_jsonb(t.*), tg_argv[3]::text [], tg_argv[4]::text [])
                    end,
                    null
                ) as row_data
            from old_rows as t
            offset 0
        ) as l;
    else
        -- Chunks, for an array holds at most 1 GB. Skipping rows is cheap below to_jsonb.
        loop
            insert into plumb.audit_log
            select (l.row_data).*
            from (
                select
                    plumb.link_audit(
                        case
                            when r.old_row is null then 'INSERT'
                            when r.new_row is null then 'DELETE'
                            else 'UPDATE'
                        end,
                        tg_argv[0],
                        tg_argv[1],
                        r.old_row,
                        r.new_row
                    ) as row_data
                from rows from (
                    unnest(
                        array(
                            select
                                case
                                    when tg_nargs = 3 then to_jsonb(t.*)
                                    else plumb.audit_payload(to_jsonb(t.*), tg_argv[3]::text [], tg_argv[4]::text [])
                                end
                            from (select * from old_rows limit 1000 offset v_skip) as t
                        )
                    ),
                    unnest(
                        array(
                            select
                                case
                                    when tg_nargs = 3 then to_jsonb(t.*)
                                    else plumb.audit_payload(to_jsonb(t.*), tg_argv[3]::text [], tg_argv[4]::text [])
                                end
                            from (select * from new_rows limit 1000 offset v_skip) as t
                        )
                    )
                ) as r (old_row, new_row)
                offset 0
            ) as l;
            get diagnostics v_count = row_count;
            exit when v_count < 1000;
            v_skip := v_skip + 1000;
        end loop;
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
    v_formats jsonb := plumb.pin_formats();
    v_old_row jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
    v_new_row jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
begin
    if tg_nargs > 3 then
        v_old_row := plumb.audit_payload(v_old_row, tg_argv[3]::text [], tg_argv[4]::text []);
        v_new_row := plumb.audit_payload(v_new_row, tg_argv[3]::text [], tg_argv[4]::text []);
    end if;
    perform plumb.append_audit(tg_op, tg_argv[0], tg_argv[1], v_old_row, v_new_row);
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
-- setting of this transaction that all is said. Anybody may set that, so the log must say it too.
-- Runs as the superuser, for the partition is not ours.
reset role;
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
                where l.txid = v_txid and l.op = 'TRUNCATE' and l.relation = tg_argv[0]
            )
        )
    then
        v_formats := plumb.pin_formats();
        execute format(
            $sql$
            insert into plumb.audit_log
            select (l.row_data).*
            from (
                select
                    plumb.link_audit(
                        'DELETE', $1, $2, plumb.audit_payload(to_jsonb(t.*), $3, $4), null
                    ) as row_data
                from only %s as t
                offset 0
            ) as l
            $sql$,
            tg_relid::regclass
        )
        using
            tg_argv[0],
            tg_argv[1],
            case when tg_nargs > 3 then tg_argv[3]::text [] else '{}' end,
            case when tg_nargs > 3 then tg_argv[4]::text [] else '{}' end;
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_truncate() is 'Write a TRUNCATE to the audit log.';
revoke execute on function plumb.tg_audit_truncate() from public;
