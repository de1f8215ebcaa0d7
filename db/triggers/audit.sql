-- Attaches the triggers that keep the audit log from being changed, and begins the log. They fire
-- in every session, that of logical replication too.

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

-- Only sealing takes rows away.
create or replace trigger audit_intake_is_append_only
before update or delete or truncate on plumb.audit_intake
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_intake enable always trigger audit_intake_is_append_only;

create or replace trigger audit_captured_is_append_only
before update or delete or truncate on plumb.audit_captured
for each statement execute function plumb.tg_keep_audit();
alter table plumb.audit_captured enable always trigger audit_captured_is_append_only;

-- The partitions' own triggers are repaired where they were dropped or disabled.
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
