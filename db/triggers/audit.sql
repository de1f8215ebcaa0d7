-- What writes the audit log. The triggers' arguments, in this order, are the name under which
-- the table is logged (its own, or its root's when it is a partition), its key, which of the
-- session's formats its columns depend on ('', zone or all), and, when there are any, the
-- columns to exclude and to mask.
--
-- They run as the owner of the log, so that an application needs no right on it, and with a
-- search_path of their own: a plan that depended on the caller's would be made anew each time
-- a function with another one fires them.

-- One call for a statement, whatever it changed. The first eight rows are appended one by one,
-- which is the cheapest for them; what is more goes in by chunks. The old and the new rows of an
-- UPDATE are paired by their order: PostgreSQL stores both at once for each row.
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
    v_chunk integer;
    v_old_rows jsonb [];
    v_new_rows jsonb [];
begin
    if tg_argv[2] <> '' and (
        current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT')
        or tg_argv[2] = 'all'
    ) then
        v_formats := plumb.pin_formats();
    end if;

    if tg_op = 'INSERT' then
        perform plumb.append_audit(
            'INSERT',
            tg_argv[0],
            tg_argv[1],
            null,
            case
                when tg_nargs = 3 then to_jsonb(r.*)
                else plumb.audit_payload(to_jsonb(r.*), tg_argv[3]::text [], tg_argv[4]::text [])
            end
        )
        from new_rows as r
        limit 8;
    elsif tg_op = 'DELETE' then
        perform plumb.append_audit(
            'DELETE',
            tg_argv[0],
            tg_argv[1],
            case
                when tg_nargs = 3 then to_jsonb(r.*)
                else plumb.audit_payload(to_jsonb(r.*), tg_argv[3]::text [], tg_argv[4]::text [])
            end,
            null
        )
        from old_rows as r
        limit 8;
    else
        perform plumb.append_audit(
            case
                when r.old_row is null then 'INSERT' when r.new_row is null then 'DELETE'
                else 'UPDATE'
            end,
            tg_argv[0],
            tg_argv[1],
            r.old_row,
            r.new_row
        )
        from rows from (
            unnest(
                array(
                    select
                        case
                            when tg_nargs = 3 then to_jsonb(o.*)
                            else plumb.audit_payload(
                                to_jsonb(o.*), tg_argv[3]::text [], tg_argv[4]::text []
                            )
                        end
                    from old_rows as o
                    limit 8
                )
            ),
            unnest(
                array(
                    select
                        case
                            when tg_nargs = 3 then to_jsonb(n.*)
                            else plumb.audit_payload(
                                to_jsonb(n.*), tg_argv[3]::text [], tg_argv[4]::text []
                            )
                        end
                    from new_rows as n
                    limit 8
                )
            )
        ) as r (old_row, new_row);
    end if;
    get diagnostics v_count = row_count;

    -- The rest in chunks of about 20 MB: an array holds at most 1 GB. Skipping rows is cheap as
    -- long as it happens below to_jsonb.
    if v_count = 8 then
        v_chunk := 100;
    end if;
    while v_count >= 8
    loop
        if tg_op <> 'INSERT' then
            v_old_rows := array(
                select
                    case
                        when tg_nargs = 3 then to_jsonb(t.*)
                        else plumb.audit_payload(
                            to_jsonb(t.*), tg_argv[3]::text [], tg_argv[4]::text []
                        )
                    end
                from (select * from old_rows limit v_chunk offset v_count) as t
            );
        end if;
        if tg_op <> 'DELETE' then
            v_new_rows := array(
                select
                    case
                        when tg_nargs = 3 then to_jsonb(t.*)
                        else plumb.audit_payload(
                            to_jsonb(t.*), tg_argv[3]::text [], tg_argv[4]::text []
                        )
                    end
                from (select * from new_rows limit v_chunk offset v_count) as t
            );
        end if;
        exit when coalesce(cardinality(v_new_rows), 0) + coalesce(cardinality(v_old_rows), 0) = 0;
        perform plumb.append_audits(tg_op, tg_argv[0], tg_argv[1], v_old_rows, v_new_rows);
        v_count := v_count + v_chunk;
        v_chunk := 20000000 / (
            1 + coalesce(pg_column_size(v_new_rows), pg_column_size(v_old_rows)) / v_chunk
        );
        v_chunk := greatest(10, least(5000, v_chunk));
    end loop;

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
-- setting of this transaction that all is said.
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
        and current_setting('plumb.audit_truncating', true) is distinct from tg_argv[0]
    then
        v_formats := plumb.pin_formats();
        execute format(
            $sql$
            select plumb.append_audits('DELETE', $1, $2, c.rows, null)
            from (
                select array_agg(r.row_data) as rows
                from (
                    select
                        row_number() over () as i,
                        plumb.audit_payload(to_jsonb(t.*), $3, $4) as row_data
                    from only %s as t
                ) as r
                group by r.i / 1000
            ) as c
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
