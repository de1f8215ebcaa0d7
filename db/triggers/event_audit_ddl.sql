-- A change of an audited table's shape is part of its history, and it may take its triggers
-- along: a new partition is covered at once, a renamed table is logged under its new name.
reset role;
create or replace function plumb.tg_audit_ddl()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_command record;
begin
    if
        current_setting('plumb.audit_attaching', true) = 'on'
        and current_setting('session_replication_role') = 'replica'
    then
        return;
    end if;
    for v_command in
        select p.oid::regclass as parent
        from pg_event_trigger_ddl_commands() as c
        inner join pg_inherits as i on i.inhrelid = c.objid
        inner join pg_class as p on p.oid = i.inhparent and p.relkind = 'r'
        inner join pg_trigger as t on t.tgrelid = p.oid and t.tgfoid = 'plumb.tg_audit()'::regprocedure
        where c.classid = 'pg_class'::regclass
        limit 1
    loop
        raise exception '% is audited, so no table may inherit from it', v_command.parent
            using errcode = 'PL002',
            hint = 'Changes of the other table would pass unseen. Use partitions instead.';
    end loop;
    for v_command in
        select distinct on (a.relation)
            a.relation,
            c.command_tag,
            c.object_identity,
            c.object_type = 'table column' as is_rename,
            r.root
        from pg_event_trigger_ddl_commands() as c
        inner join pg_class as o
            on
                (c.classid = 'pg_class'::regclass and o.oid = c.objid)
                or (c.classid = 'pg_namespace'::regclass and o.relnamespace = c.objid)
        cross join lateral (
            select coalesce(
                (
                    select p.relid
                    from pg_partition_ancestors(o.oid) as p
                    where not exists (select from pg_inherits as i where i.inhrelid = p.relid)
                    limit 1
                ),
                o.oid::regclass
            ) as root
        ) as r
        -- Anybody may give a trigger this name, but only we attach this function.
        inner join pg_trigger as t
            on
                t.tgrelid = r.root
                and t.tgname = 'plumb_audit_insert'
                and t.tgfoid = 'plumb.tg_audit()'::regprocedure
        inner join pg_class as k on k.oid = r.root and k.relpersistence <> 't'
        inner join plumb.audited_tables as a
            on a.relation = convert_from(
                substr(t.tgargs, 1, position('\x00'::bytea in t.tgargs) - 1), 'UTF8'
            )
        where o.relkind in ('r', 'p')
    loop
        perform plumb.append_audit(
            'DDL',
            v_command.relation,
            '',
            null,
            jsonb_build_object(
                'tag', v_command.command_tag,
                'identity', v_command.object_identity,
                'command', left(plumb.redact_statement(current_query(), true), 1000)
            )
        );
        perform plumb.refresh_audit(v_command.relation, v_command.root, v_command.is_rename);
    end loop;
end;
$$;
comment on function plumb.tg_audit_ddl() is 'Record what DDL did to audited tables.';
revoke execute on function plumb.tg_audit_ddl() from public;

create or replace function plumb.tg_audit_drop()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_dropped record;
begin
    for v_dropped in
        select a.relation, o.object_identity, plumb.name_as_relation(o.schema_name, o.object_name) as name
        from pg_event_trigger_dropped_objects() as o
        inner join plumb.audited_tables as a
            on plumb.name_as_relation(o.schema_name, o.object_name) = any(a.members)
        where o.object_type = 'table'
    loop
        perform plumb.append_audit(
            'DDL',
            v_dropped.relation,
            '',
            null,
            jsonb_build_object(
                'tag', tg_tag,
                'identity', v_dropped.object_identity,
                'command', left(plumb.redact_statement(current_query(), true), 1000)
            )
        );
        if v_dropped.name = v_dropped.relation then
            perform plumb.append_audit(
                'UNAUDIT', 'plumb.audited_tables', 'relation', to_jsonb(a), null
            )
            from plumb.audited_tables as a
            where a.relation = v_dropped.relation;
            delete from plumb.audit_reconciliations as r where r.relation = v_dropped.relation;
            delete from plumb.audited_tables as a where a.relation = v_dropped.relation;
        else
            update plumb.audited_tables as a
            set needs_baseline = true, members = array_remove(a.members, v_dropped.name)
            where a.relation = v_dropped.relation;
        end if;
    end loop;
    -- A column that is dropped and added anew in one command leaves the same names behind.
    update plumb.audited_tables as a
    set needs_baseline = true
    from pg_event_trigger_dropped_objects() as o
    where o.object_type = 'table column' and plumb.relation_name(o.objid) = any(a.members);
end;
$$;
comment on function plumb.tg_audit_drop() is
'Record the dropping of audited tables and partitions.';
revoke execute on function plumb.tg_audit_drop() from public;

drop event trigger if exists plumb_audit_ddl; -- noqa: PRS
create event trigger plumb_audit_ddl on ddl_command_end
when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'ALTER TABLE', 'ALTER INDEX', 'ALTER SCHEMA')
execute function plumb.tg_audit_ddl();
alter event trigger plumb_audit_ddl enable always;

drop event trigger if exists plumb_audit_drop; -- noqa: PRS
create event trigger plumb_audit_drop on sql_drop
execute function plumb.tg_audit_drop();
alter event trigger plumb_audit_drop enable always;

create or replace function plumb.tg_audit_cast()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
begin
    perform plumb.refuse_untrusted_casts();
end;
$$;
comment on function plumb.tg_audit_cast() is
'Refuse a cast to json whose function would run with the rights of the audit log.';
revoke execute on function plumb.tg_audit_cast() from public;

drop event trigger if exists plumb_audit_cast; -- noqa: PRS
create event trigger plumb_audit_cast on ddl_command_end
when tag in ('CREATE CAST')
execute function plumb.tg_audit_cast();
alter event trigger plumb_audit_cast enable always;

-- Rows that DDL computes anew, or that a changed type shows otherwise, pass every trigger: the next
-- reconciliation begins anew.
create or replace function plumb.tg_audit_rewrite()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_relation constant text := plumb.relation_name(pg_event_trigger_table_rewrite_oid());
begin
    update plumb.audited_tables as a
    set needs_baseline = true
    where v_relation = any(a.members);
end;
$$;
comment on function plumb.tg_audit_rewrite() is
'Note that the rows of an audited table are not those that its log implies.';
revoke execute on function plumb.tg_audit_rewrite() from public;

drop event trigger if exists plumb_audit_rewrite; -- noqa: PRS
create event trigger plumb_audit_rewrite on table_rewrite
execute function plumb.tg_audit_rewrite();
alter event trigger plumb_audit_rewrite enable always;

create or replace function plumb.tg_audit_type()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
begin
    with recursive changed as (
        select t.oid
        from pg_event_trigger_ddl_commands() as c
        inner join pg_type as t
            on
                (c.classid = 'pg_type'::regclass and t.oid = c.objid)
                or (c.classid = 'pg_class'::regclass and t.typrelid = c.objid)
        union
        select t.oid
        from changed as k
        cross join lateral (
            select t.oid from pg_type as t where k.oid in (t.typelem, t.typbasetype)
            union all
            select t.oid
            from pg_attribute as a
            inner join pg_type as t on t.typrelid = a.attrelid
            where a.atttypid = k.oid and not a.attisdropped
        ) as t
    )

    update plumb.audited_tables as a
    set needs_baseline = true
    where exists (
        select from pg_attribute as c
        inner join changed as k on k.oid = c.atttypid
        where c.attrelid = to_regclass(a.relation) and not c.attisdropped
    );
end;
$$;
comment on function plumb.tg_audit_type() is
'Note that the rows of audited tables with a changed type show otherwise than their log says.';
revoke execute on function plumb.tg_audit_type() from public;

drop event trigger if exists plumb_audit_type; -- noqa: PRS
create event trigger plumb_audit_type on ddl_command_end
when tag in ('ALTER TYPE')
execute function plumb.tg_audit_type();
alter event trigger plumb_audit_type enable always;
