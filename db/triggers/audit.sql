-- What writes the audit log. The triggers' arguments, in this order, are the name under which
-- the table is logged (its own, or its root's when it is a partition), its key, which of the
-- session's formats its columns depend on ('', zone or all), and, when there are any, the
-- columns to exclude and to mask.
--
-- They run as the owner of the log, so that an application needs no right on it, and with a
-- search_path of their own: a plan that depended on the caller's would be made anew each time
-- a function with another one fires them.

-- Records what happened to a row, and no more: sealing makes the log of it. Every session and
-- logical replication fire it, for it is enabled always.
create or replace function plumb.tg_audit_row()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_formats jsonb;
begin
    if tg_argv[2] <> '' then
        if tg_argv[2] = 'all' or current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT') then
            v_formats := plumb.pin_formats();
        end if;
    end if;
    if tg_nargs = 3 then
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
        )
        values (
            pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(), to_jsonb(old), to_jsonb(new)
        );
    else
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
        )
        values (
            pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(),
            plumb.audit_payload(to_jsonb(old), tg_argv[3]::text [], tg_argv[4]::text []),
            plumb.audit_payload(to_jsonb(new), tg_argv[3]::text [], tg_argv[4]::text [])
        );
    end if;
    if v_formats is not null then
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_row() is 'Record a change of a row for the audit log.';

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
before update or delete on plumb.audit_rows
for each row execute function plumb.tg_keep_audit();
alter table plumb.audit_rows enable always trigger audit_log_is_append_only;

create or replace trigger audit_log_keeps_all
before truncate on plumb.audit_rows
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_rows enable always trigger audit_log_keeps_all;

create or replace trigger audit_blocks_are_append_only
before update or delete on plumb.audit_blocks
for each row execute function plumb.tg_keep_audit();
alter table plumb.audit_blocks enable always trigger audit_blocks_are_append_only;

create or replace trigger audit_blocks_keep_all
before truncate on plumb.audit_blocks
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_blocks enable always trigger audit_blocks_keep_all;

-- Sealing takes rows away, nobody else.
create or replace trigger audit_intake_is_append_only
before update or delete or truncate on plumb.audit_intake
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_intake enable always trigger audit_intake_is_append_only;

-- The partitions' own, too, where somebody dropped them or switched them off.
do $$
declare
    v_partition record;
begin
    for v_partition in
        select
            i.inhrelid::regclass as name,
            case i.inhparent
                when 'plumb.audit_rows'::regclass then 'audit_log_keeps_all'
                else 'audit_blocks_keep_all'
            end as keeps_all,
            case i.inhparent
                when 'plumb.audit_rows'::regclass then 'audit_log_is_append_only'
                else 'audit_blocks_are_append_only'
            end as is_append_only
        from pg_inherits as i
        where i.inhparent in ('plumb.audit_rows'::regclass, 'plumb.audit_blocks'::regclass)
    loop
        execute format(
            'create or replace trigger %I before truncate on %s '
            'for each statement execute function plumb.tg_keep_audit()',
            v_partition.keeps_all, v_partition.name
        );
        execute format(
            'alter table %s enable always trigger %I, enable always trigger %I',
            v_partition.name, v_partition.keeps_all, v_partition.is_append_only
        );
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
-- Truncating the root fires its trigger first and then those of its partitions, before anything is
-- gone: that all is said already they see in what this transaction recorded last about the table.
create or replace function plumb.tg_audit_truncate()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_formats jsonb;
begin
    if tg_argv[0] = plumb.relation_name(tg_relid) then
        perform plumb.append_audit('TRUNCATE', tg_argv[0], '', null, null);
    elsif
        'TRUNCATE' is distinct from (
            select i.op
            from plumb.audit_intake as i
            where i.txid = pg_current_xact_id() and i.relation = tg_argv[0]
            order by i.position desc
            limit 1
        )
    then
        v_formats := plumb.pin_formats();
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), 'DELETE', tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(), i.value
        from plumb.inspect(
            plumb.payload_query(
                tg_relid,
                '{}',
                coalesce(tg_argv[3]::text [], '{}'),
                coalesce(tg_argv[4]::text [], '{}'),
                p_is_only => true
            )
        ) as i;
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_truncate() is 'Record a TRUNCATE for the audit log.';
revoke execute on function plumb.tg_audit_truncate() from public;
