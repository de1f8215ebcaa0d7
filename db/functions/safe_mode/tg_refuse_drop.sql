-- In safe mode nobody drops a guarded table, a column of one, or its guard. Dropping a table
-- drops its guard, whatever the command was called, so that is what is watched.
reset role;
create or replace function plumb.tg_refuse_drop()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_object text;
begin
    if not plumb.is_safe_mode() then
        return;
    end if;
    select o.object_identity into v_object
    from pg_event_trigger_dropped_objects() as o
    where
        (
            o.object_type = 'trigger'
            and o.address_names[3] in ('plumb_safe_mode', 'plumb_safe_mode_row')
        )
        or (
            o.object_type = 'table column'
            and plumb.relation_name(o.objid::regclass) in (
                select g.relation from plumb.guarded_tables as g
            )
        )
    limit 1;
    if found then
        raise exception 'safe mode is on, % of % refused', lower(tg_tag), v_object
            using errcode = 'read_only_sql_transaction',
            hint = 'Try again when it is off: select * from plumb.safe_mode;';
    end if;
end;
$$;
comment on function plumb.tg_refuse_drop() is
'Refuse with SQLSTATE 25006 to drop guarded data or its guard in safe mode.';
revoke execute on function plumb.tg_refuse_drop() from public;
