-- Notes that the values of a changed type may be written otherwise now, in every audited table with
-- a column of it.
reset role;
create or replace function plumb.tg_audit_type()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set standard_conforming_strings = on
as $$
begin
    if
        current_setting('plumb.audit_attaching', true) = 'on'
        and current_setting('session_replication_role') = 'replica'
    then
        return;
    end if;
    perform plumb.note_changed_types(
        array(
            select t.oid
            from pg_event_trigger_ddl_commands() as c
            inner join pg_type as t
                on
                    (c.classid = 'pg_type'::regclass and t.oid = c.objid)
                    or (c.classid = 'pg_class'::regclass and t.typrelid = c.objid)
            union
            select k.castsource
            from pg_event_trigger_ddl_commands() as c
            inner join pg_cast as k on c.classid = 'pg_cast'::regclass and k.oid = c.objid
        ),
        tg_tag
    );
    -- A typed table has its columns from the type.
    perform plumb.refresh_audit(
        a.relation, a.relid, c.object_type = 'composite type column', tg_tag
    )
    from pg_event_trigger_ddl_commands() as c
    inner join pg_type as t on t.typrelid = c.objid
    inner join pg_class as o on o.reloftype = t.oid
    inner join plumb.audited_tables as a on a.relid = o.oid
    where tg_tag = 'ALTER TYPE' and c.classid = 'pg_class'::regclass;
end;
$$;
comment on function plumb.tg_audit_type() is
'Note that the rows of audited tables with a changed type show otherwise than their log says.';
revoke execute on function plumb.tg_audit_type() from public;
