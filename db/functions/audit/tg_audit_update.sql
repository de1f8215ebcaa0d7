-- Records what an UPDATE changed; its arguments are those of tg_audit_insert().
--
-- Rows stand in both transition tables in the same order. One row, which is what most statements
-- change, is the product of both. Arrays put more of them side by side at half the cost of a join
-- by their number; only what is too large for an array is joined.
create or replace function plumb.tg_audit_update()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set "TimeZone" = 'UTC'
as $$
declare
    c_bytes_max constant bigint := 50000000;
    v_formats jsonb;
begin
    insert into plumb.audit_intake (txid, op, relation, key, actor, app_user, old_row, new_row)
    select
        pg_current_xact_id(), 'UPDATE', tg_argv[0], tg_argv[1], session_user, plumb.app_user(),
        to_jsonb(o.*), to_jsonb(n.*)
    from old_rows as o
    cross join new_rows as n
    where tg_nargs = 2 and not exists (select from new_rows offset 1);
    if not found then
        perform from new_rows limit 1;
        if not found then
            return null;
        end if;
        if tg_argv[2] = 'all' then
            v_formats := plumb.pin_formats();
        end if;
        insert into plumb.audit_intake (txid, op, relation, key, actor, app_user, old_row, new_row)
        select
            pg_current_xact_id(), 'UPDATE', tg_argv[0], tg_argv[1], session_user, plumb.app_user(),
            plumb.recorded_row(
                to_jsonb(u.old_row), concat(u.old_row), tg_argv[3]::text [], tg_argv[4]::text [],
                tg_argv[5]::text []
            ),
            plumb.recorded_row(
                to_jsonb(u.new_row), concat(u.new_row), tg_argv[3]::text [], tg_argv[4]::text [],
                tg_argv[5]::text []
            )
        from (
            select
                unnest((select array_agg(o.*) from old_rows as o)) as old_row,
                unnest((select array_agg(n.*) from new_rows as n)) as new_row
        ) as u
        where greatest(
            (select sum(pg_column_size(o.*)) from old_rows as o),
            (select sum(pg_column_size(n.*)) from new_rows as n)
        ) <= c_bytes_max;
        if not found then
            insert into plumb.audit_intake (
                txid, op, relation, key, actor, app_user, old_row, new_row
            )
            select
                pg_current_xact_id(), 'UPDATE', tg_argv[0], tg_argv[1], session_user,
                plumb.app_user(),
                plumb.recorded_row(
                    o.old_row, o.old_text, tg_argv[3]::text [], tg_argv[4]::text [],
                    tg_argv[5]::text []
                ),
                plumb.recorded_row(
                    n.new_row, n.new_text, tg_argv[3]::text [], tg_argv[4]::text [],
                    tg_argv[5]::text []
                )
            from (
                select
                    row_number() over () as number, to_jsonb(o.*) as old_row,
                    case when tg_argv[5] is not null then concat(o.*) end as old_text
                from old_rows as o
            ) as o
            inner join (
                select
                    row_number() over () as number, to_jsonb(n.*) as new_row,
                    case when tg_argv[5] is not null then concat(n.*) end as new_text
                from new_rows as n
            ) as n on n.number = o.number
            order by o.number;
        end if;
        if v_formats is not null then
            perform plumb.unpin_formats(v_formats);
        end if;
    end if;
    return null;
end;
$$;
comment on function plumb.tg_audit_update() is 'Record what an UPDATE changed for the audit log.';
