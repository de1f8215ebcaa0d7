-- Follows DDL on an audited table, which may have another name, key, column or partition: its
-- triggers are changed, and where rows changed that no trigger saw, the next reconciliation begins
-- anew. A column that is left out or masked stays so under its new name: the rename has one name
-- less and one name more.
reset role;
create or replace function plumb.refresh_audit(
    p_relation text, p_root regclass, p_is_column_renamed boolean, p_tag text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation constant text := plumb.relation_name(p_root);
    v_before plumb.audited_tables;
    v_after plumb.audited_tables;
    v_member regclass;
    v_trigger record;
    v_has_new_rows boolean := false;
    v_column_types constant jsonb := plumb.audit_column_types(p_root);
    v_old_name text;
    v_new_name text;
    v_absorbed plumb.audited_tables;
begin
    select a.* into v_before from plumb.audited_tables as a where a.relation = p_relation;
    if p_is_column_renamed then
        select b.name into v_old_name
        from jsonb_object_keys(v_before.column_types) as b (name)
        where not v_column_types ? b.name;
        select n.name into v_new_name
        from jsonb_object_keys(v_column_types) as n (name)
        left join pg_attribute as t on t.attrelid = p_root and t.attname = n.name
        where not v_before.column_types ? n.name
        -- One that was added at the same time comes last.
        order by t.attnum
        limit 1;
    end if;
    update plumb.audited_tables as a
    set
        relation = v_relation,
        key_columns = plumb.audit_key_columns(p_root),
        members = array(
            select plumb.relation_name(m.member) from plumb.audit_members(p_root) as m order by 1
        ),
        column_types = v_column_types,
        -- A table that an earlier version began to audit goes on as it was.
        exact_pattern = case
            when a.is_exact then plumb.exact_patterns(p_root) else a.exact_pattern
        end,
        excluded_columns = array(
            select x.name
            from unnest(array_replace(a.excluded_columns, v_old_name, v_new_name)) as x (name)
            where v_column_types ? x.name
        ),
        masked_columns = array(
            select x.name
            from unnest(array_replace(a.masked_columns, v_old_name, v_new_name)) as x (name)
            where v_column_types ? x.name
        )
    where a.relation = p_relation
    returning a.* into v_after;

    -- A detached partition keeps its rows; to the table they are gone.
    for v_member in
        select plumb.find_relation(m.name)
        from unnest(v_before.members) as m (name)
        where m.name <> all(v_after.members) and plumb.find_relation(m.name) is not null
        and m.name <> p_relation
    loop
        for v_trigger in
            select t.tgname as name
            from pg_trigger as t
            where
                t.tgrelid = v_member
                and t.tgname ~ '^plumb_audit_'
                and t.tgparentid = 0
                and t.tgfoid in (
                    'plumb.tg_audit_insert()'::regprocedure,
                    'plumb.tg_audit_update()'::regprocedure,
                    'plumb.tg_audit_delete()'::regprocedure,
                    'plumb.tg_audit_row()'::regprocedure,
                    'plumb.tg_audit_statement()'::regprocedure,
                    'plumb.tg_audit_truncate()'::regprocedure
                )
        loop
            execute format('drop trigger %I on %s', v_trigger.name, v_member);
        end loop;
        if v_before.replica_identities ? v_member::oid::text then
            execute format(
                'alter table %s replica identity %s',
                v_member, v_before.replica_identities ->> v_member::oid::text
            );
        end if;
    end loop;
    -- An attached one brings rows along, and is no audited table of its own any more.
    for v_absorbed in
        delete from plumb.audited_tables as a
        where a.relation = any(v_after.members) and a.relation <> v_relation
        returning a.*
    loop
        perform plumb.append_audit(
            'UNAUDIT', 'plumb.audited_tables', 'relation', to_jsonb(v_absorbed), null
        );
        delete from plumb.audit_reconciliations as r where r.relation = v_absorbed.relation;
    end loop;
    for v_member in
        select plumb.find_relation(m.name)
        from unnest(v_after.members) as m (name)
        where m.name <> all(v_before.members) and m.name <> v_relation
    loop
        perform plumb.grant_inspection(v_member);
        v_has_new_rows := v_has_new_rows or exists (
            select from plumb.inspect(
                format('select null::text, null::jsonb from only %s limit 1', v_member)
            )
        );
    end loop;
    perform plumb.attach_audit(
        v_relation,
        array(
            select m.name
            from unnest(v_after.members) as m (name)
            where m.name <> all(v_before.members) and m.name <> v_relation
        )
    );

    if
        v_relation <> p_relation
        or v_before.key_columns <> v_after.key_columns
        or exists (
            select from unnest(v_before.members) as m (name) where m.name <> all(v_after.members)
        )
        or v_has_new_rows
        or exists (
            select from jsonb_each(v_before.column_types) as b
            where b.value is distinct from v_after.column_types -> b.key
        )
        or exists (
            select from jsonb_each_text(v_after.column_types) as n
            where not v_before.column_types ? n.key and n.value ~ 'with a value in old rows$'
        )
    then
        perform plumb.ask_for_baseline(v_before, plumb.ddl_reason(p_tag));
        -- The log has rows under each of the names.
        if v_old_name is not null and v_new_name is not null then
            update plumb.audited_tables as a
            set
                baseline_pending = a.baseline_pending || jsonb_build_object(
                    'renames',
                    (
                        select coalesce(
                            jsonb_object_agg(
                                r.name,
                                case r.new_name when v_old_name then v_new_name else r.new_name end
                            ),
                            '{}'
                        )
                        from jsonb_each_text(a.baseline_pending -> 'renames') as r (name, new_name)
                    ) || jsonb_build_object(v_old_name, v_new_name)
                )
            where a.relation = v_relation;
        end if;
        if v_relation <> p_relation then
            update plumb.audit_reconciliations as r
            set relation = v_relation
            where r.relation = p_relation;
        end if;
    end if;
    if
        (
            v_relation,
            v_before.key_columns,
            v_before.excluded_columns,
            v_before.masked_columns
        ) <> (
            p_relation, v_after.key_columns, v_after.excluded_columns, v_after.masked_columns
        )
    then
        perform plumb.append_audit(
            'UNAUDIT', 'plumb.audited_tables', 'relation', to_jsonb(v_before), null
        );
        perform plumb.append_audit(
            'AUDIT',
            'plumb.audited_tables',
            'relation',
            null,
            to_jsonb(v_after) || case
                when v_relation <> p_relation then jsonb_build_object('formerly', p_relation)
                else '{}'
            end
        );
    end if;
end;
$$;
comment on function plumb.refresh_audit(text, regclass, boolean, text) is
'Follow a change of an audited table''s name, columns, key or partitions.';
revoke execute on function plumb.refresh_audit(text, regclass, boolean, text) from public;
grant execute on function plumb.refresh_audit(text, regclass, boolean, text) to plumb_owner;
