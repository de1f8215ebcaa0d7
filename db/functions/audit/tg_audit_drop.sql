-- Records in the log that an audited table, a partition, a column or a trigger of one was dropped.
reset role;
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
    if
        exists (
            select from pg_event_trigger_dropped_objects() as o
            where o.object_type = 'publication' and o.object_name = 'plumb_audit'
        )
        and exists (select from plumb.audit_capture)
    then
        raise exception 'the publication plumb_audit cannot be dropped'
            using errcode = 'PL002',
            hint = 'The WAL since then could never be read. Capture no table first.';
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
        -- What was written before comes first in the log as well.
        if v_dropped.name = v_dropped.relation then
            perform plumb.capture_before_drop(v_dropped.relation);
        end if;
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
            'plumb_audit_insert', 'plumb_audit_update', 'plumb_audit_delete', 'plumb_audit_row',
            'plumb_audit_statement', 'plumb_audit_truncate'
        )
        and plumb.find_relation(m.name) is not null;
    perform plumb.note_changed_publication(
        plumb.name_as_relation(o.address_names[1], o.address_names[2]), tg_tag
    )
    from pg_event_trigger_dropped_objects() as o
    where
        o.object_type = 'publication relation'
        and o.address_args[1] = 'plumb_audit'
        and tg_tag = 'ALTER PUBLICATION';
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
