-- After DDL: the table may have another name, key, column or partition. Triggers follow; and where
-- rows changed that no trigger saw, the next reconciliation is told to begin anew.
reset role;
create or replace function plumb.refresh_audit(p_relation text, p_root regclass)
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
begin
    select a.* into v_before from plumb.audited_tables as a where a.relation = p_relation;
    update plumb.audited_tables as a
    set
        relation = v_relation,
        key_columns = plumb.audit_key_columns(p_root),
        members = array(
            select plumb.relation_name(m.member) from plumb.audit_members(p_root) as m order by 1
        ),
        column_types = plumb.audit_column_types(p_root),
        excluded_columns = array(
            select x.name
            from unnest(a.excluded_columns) as x (name)
            where plumb.audit_column_types(p_root) ? x.name
        ),
        masked_columns = array(
            select x.name
            from unnest(a.masked_columns) as x (name)
            where plumb.audit_column_types(p_root) ? x.name
        )
    where a.relation = p_relation
    returning a.* into v_after;

    -- A detached partition keeps its rows; to the table they are gone.
    for v_member in
        select to_regclass(m.name)
        from unnest(v_before.members) as m (name)
        where m.name <> all(v_after.members) and to_regclass(m.name) is not null
        and m.name <> p_relation
    loop
        for v_trigger in
            select t.tgname as name
            from pg_trigger as t
            where t.tgrelid = v_member and t.tgname ~ '^plumb_audit_' and t.tgparentid = 0
        loop
            execute format('drop trigger %I on %s', v_trigger.name, v_member);
        end loop;
    end loop;
    -- An attached one brings rows along.
    for v_member in
        select to_regclass(m.name)
        from unnest(v_after.members) as m (name)
        where m.name <> all(v_before.members) and m.name <> v_relation
    loop
        execute format('select $1 or exists (select from only %s)', v_member)
        into v_has_new_rows
        using v_has_new_rows;
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
        update plumb.audited_tables as a set needs_baseline = true where a.relation = v_relation;
        if v_relation <> p_relation then
            update plumb.audit_reconciliations as r
            set relation = v_relation
            where r.relation = p_relation;
        end if;
    end if;
    if v_relation <> p_relation or v_before.key_columns <> v_after.key_columns then
        perform plumb.append_audit(
            'UNAUDIT', 'plumb.audited_tables', 'relation', to_jsonb(v_before), null
        );
        perform plumb.append_audit(
            'AUDIT', 'plumb.audited_tables', 'relation', null, to_jsonb(v_after)
        );
    end if;
end;
$$;
comment on function plumb.refresh_audit(text, regclass) is
'Follow a change of an audited table''s name, columns, key or partitions.';
revoke execute on function plumb.refresh_audit(text, regclass) from public;
grant execute on function plumb.refresh_audit(text, regclass) to plumb_owner;
