-- Does by comparing what event triggers do at once, for databases that may have none: new tables of
-- guarded schemas are guarded, and renames, new columns and partitions are followed. It waits for
-- no table for long, because its writers would wait behind it; the next run tries again.
create or replace function plumb.follow_catalog()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '500ms'
set jit = off
as $$
declare
    v_table record;
    v_changed text[] := array[]::text[];
begin
    perform plumb.guard_schemas();
    perform plumb.follow_guarded_tables();
    perform plumb.follow_invariants();
    perform plumb.adopt_relations();
    for v_table in
        select
            a as audited,
            a.relation,
            a.relid,
            n.column_types,
            a.column_types as old_types,
            -- One name less, and one more where a column was before: it was renamed.
            (
                select count(*) = 1
                from jsonb_object_keys(a.column_types) as o (name)
                where not n.column_types ? o.name
            )
            and (
                select count(*) = 1
                from pg_attribute as w
                where
                    w.attrelid = a.relid
                    and w.attnum > 0
                    and not a.column_types ? w.attname
                    and not w.attisdropped
                    and w.attnum <= (select count(*) from jsonb_object_keys(a.column_types))
            ) as is_column_renamed
        from plumb.audited_tables as a
        inner join pg_class as c on c.oid = a.relid
        cross join lateral (
            select
                plumb.audit_column_types(a.relid) as column_types,
                array(
                    select plumb.relation_name(m.member)
                    from plumb.audit_members(a.relid) as m
                    order by 1
                ) as members
        ) as n
        where
            a.relation <> plumb.relation_name(a.relid)
            or a.column_types <> n.column_types
            or a.members <> n.members
            or a.key_columns is distinct from plumb.audit_key_columns(a.relid)
    loop
        perform plumb.refresh_audit(
            v_table.relation, v_table.relid, v_table.is_column_renamed, 'ALTER TABLE'
        );
        -- Which of several columns became which cannot be seen: the next baseline says.
        if not v_table.is_column_renamed and v_table.column_types <> v_table.old_types
        then
            perform plumb.ask_for_baseline(
                v_table.audited,
                plumb.ddl_reason('ALTER TABLE'),
                array(
                    select jsonb_object_keys(v_table.old_types || v_table.column_types)
                )
            );
        end if;
        v_changed := v_changed || v_table.relation;
    end loop;
    return case
        when v_changed = '{}' then 'nothing changed'
        else 'changed: ' || array_to_string(v_changed, ', ')
    end;
end;
$$;
comment on function plumb.follow_catalog() is
'Guard new tables and follow renames and new columns, where no event trigger can; says what.';
grant execute on function plumb.follow_catalog() to plumb_worker;
