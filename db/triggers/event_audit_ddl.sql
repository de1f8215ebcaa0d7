-- A change of an audited table's shape is part of its history, and it may take its triggers
-- along: a new partition is covered at once, a renamed table is logged under its new name.
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
                select from plumb.audited_tables as a where a.relid = o.oid or a.relation = f.relation
            )
    loop
        perform plumb.reaudit_table(v_command.relation, plumb.ddl_reason(v_command.command_tag));
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
set jit = off
set standard_conforming_strings = on
as $$
declare
    v_dropped record;
begin
    if
        current_setting('plumb.audit_attaching', true) = 'on'
        and current_setting('session_replication_role') = 'replica'
    then
        return;
    end if;
    for v_dropped in
        select
            a.relation,
            a as audited,
            o.object_identity,
            plumb.name_as_relation(o.schema_name, o.object_name) as name
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
            perform plumb.capture_before_drop(v_dropped.relation);
            perform plumb.append_audit(
                'UNAUDIT', 'plumb.audited_tables', 'relation', to_jsonb(a), null
            )
            from plumb.audited_tables as a
            where a.relation = v_dropped.relation;
            delete from plumb.audit_reconciliations as r where r.relation = v_dropped.relation;
            delete from plumb.audited_tables as a where a.relation = v_dropped.relation;
            perform plumb.note_event(
                'table_dropped',
                v_dropped.relation,
                null,
                'P2',
                'an audited table',
                plumb.ddl_reason(tg_tag)
            );
        else
            update plumb.audited_tables as a
            set members = array_remove(a.members, v_dropped.name)
            where a.relation = v_dropped.relation;
            perform plumb.ask_for_baseline(v_dropped.audited, plumb.ddl_reason(tg_tag));
        end if;
    end loop;
    -- A column that is dropped and added anew in one command leaves the same names behind.
    perform plumb.ask_for_baseline(a, plumb.ddl_reason(tg_tag), array_agg(o.address_names[3]))
    from pg_event_trigger_dropped_objects() as o
    inner join plumb.audited_tables as a on plumb.relation_name(o.objid) = any(a.members)
    where o.object_type = 'table column'
    group by a.relation;
    -- DROP … CASCADE takes columns of other tables along, for which no other event comes.
    perform plumb.refresh_audit(c.relation, c.relid, false, tg_tag)
    from (
        select distinct a.relation, a.relid
        from pg_event_trigger_dropped_objects() as o
        inner join plumb.audited_tables as a on a.relid = o.objid
        where o.object_type = 'table column' and tg_tag <> 'ALTER TABLE'
    ) as c;
    perform plumb.note_event(
        'trigger_was_changed',
        a.relation,
        plumb.ddl_reason(tg_tag),
        'P2',
        'triggers that nobody touches',
        format('%s on %s', o.address_names[3], m.name)
    )
    from pg_event_trigger_dropped_objects() as o
    cross join lateral plumb.name_as_relation(o.address_names[1], o.address_names[2]) as m (name)
    inner join plumb.audited_tables as a on m.name = any(a.members)
    where
        o.object_type = 'trigger'
        and o.address_names[3] in (
            'plumb_audit_row', 'plumb_audit_statement', 'plumb_audit_truncate'
        )
        and plumb.find_relation(m.name) is not null;
    -- A cast to json that goes changes how the values of its type are written, and a column that
    -- goes the values of the type that it was part of.
    perform plumb.note_changed_types(
        array(
            select c.reltype
            from pg_event_trigger_dropped_objects() as o
            inner join pg_class as c on c.oid = o.objid
            where o.classid = 'pg_class'::regclass and o.objsubid <> 0 and c.reltype <> 0
            union
            select t.oid
            from pg_event_trigger_dropped_objects() as o
            inner join pg_type as t on t.oid = to_regtype(o.address_names[1])
            where o.object_type = 'cast'
        ),
        tg_tag
    );
end;
$$;
comment on function plumb.tg_audit_drop() is
'Record the dropping of audited tables and partitions.';
revoke execute on function plumb.tg_audit_drop() from public;

drop event trigger if exists plumb_audit_ddl; -- noqa: PRS
create event trigger plumb_audit_ddl on ddl_command_end
when tag in (
    'CREATE TABLE',
    'CREATE TABLE AS',
    'SELECT INTO',
    'ALTER TABLE',
    'ALTER INDEX',
    'ALTER SCHEMA',
    'CREATE TRIGGER',
    'ALTER TRIGGER',
    'CREATE FOREIGN TABLE',
    'IMPORT FOREIGN SCHEMA'
)
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
set jit = off
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

-- Rows that DDL computes anew, or that a changed type shows otherwise, pass every trigger: they
-- are compared with the log afterwards, and the next reconciliation begins anew. Before the
-- rewrite they cannot be read: by then the catalog has the new types, the rows still the old ones.
create or replace function plumb.tg_audit_rewrite()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set standard_conforming_strings = on
as $$
declare
    v_relation constant text := plumb.relation_name(pg_event_trigger_table_rewrite_oid());
    v_reason constant integer := pg_event_trigger_table_rewrite_reason();
begin
    perform plumb.ask_for_baseline(
        a,
        plumb.ddl_reason(tg_tag),
        -- 4: a column is computed anew. Which one is not said.
        case
            when v_reason & 4 > 0
                then array(select jsonb_object_keys(a.column_types))
            else '{}'
        end
    )
    from plumb.audited_tables as a
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

drop event trigger if exists plumb_audit_type; -- noqa: PRS
create event trigger plumb_audit_type on ddl_command_end
when tag in (
    'ALTER TYPE',
    'ALTER TABLE',
    'ALTER FOREIGN TABLE',
    'ALTER VIEW',
    'ALTER MATERIALIZED VIEW',
    'CREATE VIEW',
    'CREATE CAST'
)
execute function plumb.tg_audit_type();
alter event trigger plumb_audit_type enable always;
