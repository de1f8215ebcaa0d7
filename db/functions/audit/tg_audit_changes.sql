-- Records what a statement did, and no more: sealing makes the log of it.
--
-- Rows of an UPDATE stand in both transition tables in the same order. Arrays put them side by side
-- at half the cost of a join by their number; only what is too large for an array is joined. Two
-- rows go without asking how large they are, for asking costs more than recording them.
--
-- The arguments of the trigger, in this order, are the name under which the table is logged (its
-- own, or its root's when it is a partition), its key, which of the session's formats its columns
-- depend on ('', zone or all), and, when there are any, the columns to exclude and to mask. It runs
-- as the owner of the log, so that an application needs no right on it, and with a search_path of
-- its own: a plan that depended on the caller's would be made anew each time a function with
-- another one fires it.
create or replace function plumb.tg_audit_changes()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_rows_small constant integer := 2;
    c_bytes_max constant bigint := 50000000;
    v_excluded constant text [] := tg_argv[3]::text [];
    v_masked constant text [] := tg_argv[4]::text [];
    v_formats jsonb;
    v_row_count bigint;
begin
    if tg_argv[2] <> '' then
        if tg_argv[2] = 'all' or current_setting('TimeZone') not in ('UTC', 'Etc/UTC', 'GMT') then
            v_formats := plumb.pin_formats();
        end if;
    end if;
    if tg_op = 'INSERT' then
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, new_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(),
            plumb.recorded_row(to_jsonb(n.*), v_excluded, v_masked)
        from new_rows as n;
    elsif tg_op = 'DELETE' then
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(),
            plumb.recorded_row(to_jsonb(o.*), v_excluded, v_masked)
        from old_rows as o;
    else
        insert into plumb.audit_intake (
            txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
        )
        select
            pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1], session_user,
            plumb.app_user(),
            plumb.recorded_row(u.old_row, v_excluded, v_masked),
            plumb.recorded_row(u.new_row, v_excluded, v_masked)
        from (
            select
                unnest(array(select to_jsonb(o.*) from old_rows as o limit c_rows_small))
                as old_row,
                unnest(array(select to_jsonb(n.*) from new_rows as n limit c_rows_small))
                as new_row
        ) as u;
        get diagnostics v_row_count = row_count;
        if v_row_count = c_rows_small then
            insert into plumb.audit_intake (
                txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
            )
            select
                pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1],
                session_user, plumb.app_user(),
                plumb.recorded_row(to_jsonb(u.old_row), v_excluded, v_masked),
                plumb.recorded_row(to_jsonb(u.new_row), v_excluded, v_masked)
            from (
                select
                    unnest((select array_agg(o.*) from old_rows as o)) as old_row,
                    unnest((select array_agg(n.*) from new_rows as n)) as new_row
                offset c_rows_small
            ) as u
            where greatest(
                (select sum(pg_column_size(o.*)) from old_rows as o),
                (select sum(pg_column_size(n.*)) from new_rows as n)
            ) <= c_bytes_max;
            if not found then
                insert into plumb.audit_intake (
                    txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
                )
                select
                    pg_current_xact_id(), clock_timestamp(), tg_op, tg_argv[0], tg_argv[1],
                    session_user, plumb.app_user(),
                    plumb.recorded_row(o.old_row, v_excluded, v_masked),
                    plumb.recorded_row(n.new_row, v_excluded, v_masked)
                from (
                    select row_number() over () as number, to_jsonb(o.*) as old_row
                    from old_rows as o
                ) as o
                inner join (
                    select row_number() over () as number, to_jsonb(n.*) as new_row
                    from new_rows as n
                ) as n on n.number = o.number
                where o.number > c_rows_small
                order by o.number;
            end if;
        end if;
    end if;
    if v_formats is not null then
        perform plumb.unpin_formats(v_formats);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_changes() is
'Record what a statement changed for the audit log.';
