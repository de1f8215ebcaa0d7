-- A change of an audited table's shape is part of its history, and it may take its triggers
-- along: a new partition is covered at once, a renamed table is logged under its new name.
reset role;
create or replace function plumb.tg_audit_ddl()
returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
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
        select distinct on (a.relation)
            a.relation,
            c.command_tag,
            c.object_identity,
            r.root
        from pg_event_trigger_ddl_commands() as c
        cross join lateral (
            select coalesce(
                (
                    select p.relid
                    from pg_partition_ancestors(c.objid) as p
                    where not exists (select from pg_inherits as i where i.inhrelid = p.relid)
                    limit 1
                ),
                c.objid::regclass
            ) as root
        ) as r
        inner join pg_trigger as t on t.tgrelid = r.root and t.tgname = 'plumb_audit_insert'
        inner join plumb.audited_tables as a
            on a.relation = convert_from(
                substr(t.tgargs, 1, position('\x00'::bytea in t.tgargs) - 1), 'UTF8'
            )
        where c.classid = 'pg_class'::regclass and c.object_type in ('table', 'table column')
    loop
        perform plumb.append_audit(
            'DDL',
            v_command.relation,
            '',
            null,
            jsonb_build_object(
                'tag', v_command.command_tag,
                'identity', v_command.object_identity,
                'command', left(current_query(), 1000)
            )
        );
        perform plumb.refresh_audit(v_command.relation, v_command.root);
    end loop;
end;
$$;
comment on function plumb.tg_audit_ddl() is 'Record what DDL did to audited tables.';
revoke execute on function plumb.tg_audit_ddl() from public;

create or replace function plumb.tg_audit_drop()
returns event_trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
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
                'command', left(current_query(), 1000)
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
end;
$$;
comment on function plumb.tg_audit_drop() is
'Record the dropping of audited tables and partitions.';
revoke execute on function plumb.tg_audit_drop() from public;

drop event trigger if exists plumb_audit_ddl; -- noqa: PRS
create event trigger plumb_audit_ddl on ddl_command_end
when tag in ('CREATE TABLE', 'CREATE TABLE AS', 'ALTER TABLE')
execute function plumb.tg_audit_ddl();
alter event trigger plumb_audit_ddl enable always;

drop event trigger if exists plumb_audit_drop; -- noqa: PRS
create event trigger plumb_audit_drop on sql_drop
execute function plumb.tg_audit_drop();
alter event trigger plumb_audit_drop enable always;
