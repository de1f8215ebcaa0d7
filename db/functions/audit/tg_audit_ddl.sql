-- Records in the log what DDL did to an audited table, whose shape is part of its history. DDL may
-- take its triggers along, too: a new partition is covered at once, a renamed table is logged under
-- its new name.
reset role;
create or replace function plumb.tg_audit_ddl()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
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
        inner join pg_trigger as t
            on
                t.tgrelid = p.oid
                and t.tgfoid in (
                    'plumb.tg_audit_row()'::regprocedure, 'plumb.tg_audit_statement()'::regprocedure
                )
        where c.classid = 'pg_class'::regclass
        limit 1
    loop
        raise exception '% is audited, so no table may inherit from it', v_command.parent
            using errcode = 'PL002',
            hint = 'Changes of the other table would pass unseen. Use partitions instead.';
    end loop;
    for v_command in
        select m.member
        from pg_event_trigger_ddl_commands() as c
        inner join plumb.audited_tables as a
            on a.relid = coalesce(pg_partition_root(c.objid), c.objid)
        cross join lateral plumb.audit_members(a.relid) as m
        inner join pg_class as o on o.oid = m.member and o.relkind = 'f'
        where c.classid = 'pg_class'::regclass
        limit 1
    loop
        raise exception 'foreign table % cannot be a partition of an audited table',
            v_command.member
            using errcode = 'PL002', hint = 'Its changes would pass unseen. Use local partitions.';
    end loop;
    perform plumb.refuse_unlogged(a.relid)
    from pg_event_trigger_ddl_commands() as c
    inner join plumb.audited_tables as a on a.relid = coalesce(pg_partition_root(c.objid), c.objid)
    where c.classid = 'pg_class'::regclass and a.capture = 'wal';
    perform plumb.report_unlogged(array_agg(c.objid::regclass))
    from pg_event_trigger_ddl_commands() as c
    inner join plumb.audited_tables as a on a.relid = coalesce(pg_partition_root(c.objid), c.objid)
    where c.classid = 'pg_class'::regclass;
    if
        tg_tag = 'ALTER PUBLICATION'
        and not exists (select from pg_publication as p where p.pubname = 'plumb_audit')
        and exists (select from plumb.audit_capture)
    then
        raise exception 'the publication plumb_audit cannot be renamed'
            using errcode = 'PL002',
            hint = 'The WAL since then could never be read. Capture no table first.';
    end if;
    perform plumb.note_changed_publication(plumb.relation_name(r.prrelid), tg_tag)
    from pg_event_trigger_ddl_commands() as c
    left join pg_publication_rel as r
        on c.classid = 'pg_publication_rel'::regclass and r.oid = c.objid
    inner join pg_publication as p
        on p.oid = coalesce(r.prpubid, c.objid) and p.pubname = 'plumb_audit'
    where tg_tag = 'ALTER PUBLICATION';
    perform plumb.adopt_relations();
    for v_command in
        with touched as (
            select c.command_tag, c.object_identity, c.object_type, o.oid as relation
            from pg_event_trigger_ddl_commands() as c
            inner join pg_class as o
                on
                    (c.classid = 'pg_class'::regclass and o.oid = c.objid)
                    or (c.classid = 'pg_namespace'::regclass and o.relnamespace = c.objid)
            union all
            select c.command_tag, c.object_identity, c.object_type, t.tgrelid
            from pg_event_trigger_ddl_commands() as c
            inner join pg_trigger as t on c.classid = 'pg_trigger'::regclass and t.oid = c.objid
        )

        select distinct on (a.relation)
            a.relation,
            a as audited,
            c.command_tag,
            c.object_identity,
            c.object_type = 'table column' as is_rename,
            c.object_type = 'trigger' as is_trigger,
            r.root
        from touched as c
        inner join pg_class as o on o.oid = c.relation and o.relkind in ('r', 'p')
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
        inner join plumb.audited_tables as a on a.relid = r.root
    loop
        -- What was written under the former name stands before what another table does with it.
        if plumb.relation_name(v_command.root) <> v_command.relation then
            perform plumb.capture_before_drop(v_command.relation);
        end if;
        if not v_command.is_trigger then
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
        end if;
        perform plumb.note_changed_triggers(
            v_command.audited, v_command.root, v_command.command_tag
        );
        if not v_command.is_trigger then
            perform plumb.refresh_audit(
                v_command.relation, v_command.root, v_command.is_rename, v_command.command_tag
            );
        end if;
        if plumb.relation_name(v_command.root) <> v_command.relation then
            perform plumb.note_event(
                'table_renamed',
                v_command.relation,
                plumb.relation_name(v_command.root),
                'P3',
                'the table under its name',
                plumb.ddl_reason(v_command.command_tag)
            );
        end if;
    end loop;
    -- What took the name of an audited table that was dropped or renamed is audited in its place.
    for v_command in
        select distinct o.oid::regclass as relation, c.command_tag
        from pg_event_trigger_ddl_commands() as c
        inner join pg_class as o
            on
                (c.classid = 'pg_class'::regclass and o.oid = c.objid)
                or (c.classid = 'pg_namespace'::regclass and o.relnamespace = c.objid)
        inner join plumb.audit_findings as f on f.relation = plumb.relation_name(o.oid)
        where
            o.relkind in ('r', 'p')
            and o.relpersistence <> 't'
            and not o.relispartition
            and f.kind in ('table_dropped', 'table_renamed')
            and f.cleared_at is null
            and f.accepted_at is null
            and not exists (
                select
                from plumb.audited_tables as a
                where a.relid = o.oid or a.relation = f.relation
            )
    loop
        perform plumb.reaudit_table(v_command.relation, plumb.ddl_reason(v_command.command_tag));
    end loop;
end;
$$;
comment on function plumb.tg_audit_ddl() is 'Record what DDL did to audited tables.';
revoke execute on function plumb.tg_audit_ddl() from public;
