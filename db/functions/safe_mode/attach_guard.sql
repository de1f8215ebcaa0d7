-- Makes a table obey safe mode, with its partitions and those it is a partition of: a statement
-- fires the triggers of the table it names only. Logical replication fires no statement
-- triggers but for TRUNCATE, so a table that it writes to gets the row form as well.
-- Runs as the superuser, for the table is not ours.
reset role;
create or replace function plumb.attach_guard(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_trigger record;
    v_is_permitted boolean;
begin
    -- Attaching takes a lock that stops writers, so a family that is whole stays untouched.
    if exists (
        select from plumb.table_family(p_relation) as f where not plumb.has_guard(f.relation)
    ) then
        v_is_permitted := plumb.permit_guarded_ddl();
        -- What carries our name or our function and is no guard goes first. A trigger that a
        -- partition has from its parent goes with the parent's.
        for v_trigger in
            select t.tgname as name, f.relation
            from plumb.table_family(p_relation) as f
            inner join pg_trigger as t on t.tgrelid = f.relation
            where
                not plumb.has_guard(f.relation)
                and not t.tgisinternal
                and t.tgparentid = 0
                and (
                    t.tgname in ('plumb_safe_mode', 'plumb_safe_mode_row')
                    or t.tgfoid = 'plumb.tg_refuse_in_safe_mode()'::regprocedure
                )
        loop
            execute format('drop trigger %I on %s', v_trigger.name, v_trigger.relation);
        end loop;
        for v_trigger in
            select
                f.relation,
                w.name,
                w.form,
                w.form = 'statement'
                -- Before PostgreSQL 16 foreign tables cannot have it.
                and (
                    c.relkind <> 'f' or current_setting('server_version_num')::integer >= 160000
                ) as has_truncate
            from plumb.table_family(p_relation) as f
            inner join pg_class as c on c.oid = f.relation
            cross join (values
                ('plumb_safe_mode', 'statement'), ('plumb_safe_mode_row', 'row')
            ) as w (name, form)
            -- Partitions have the row form from the table that is written to.
            where
                w.form = 'statement'
                or exists (select from pg_subscription_rel as s where s.srrelid = f.relation)
        loop
            if not exists (
                select from pg_trigger as t
                where t.tgrelid = v_trigger.relation and t.tgname = v_trigger.name
            ) then
                execute format(
                    'create trigger %I before insert or update or delete %s on %s for each %s '
                    'execute function plumb.tg_refuse_in_safe_mode()',
                    v_trigger.name,
                    case when v_trigger.has_truncate then 'or truncate' end,
                    v_trigger.relation,
                    case v_trigger.form when 'statement' then 'statement' else 'row' end
                );
            end if;
        end loop;
        for v_trigger in
            select f.relation, t.tgname as name
            from plumb.table_family(p_relation) as f
            inner join pg_trigger as t on t.tgrelid = f.relation
            where
                t.tgfoid = 'plumb.tg_refuse_in_safe_mode()'::regprocedure and t.tgenabled <> 'A'
        loop
            execute format(
                'alter table %s enable always trigger %I', v_trigger.relation, v_trigger.name
            );
        end loop;
        if v_is_permitted then
            perform plumb.forbid_guarded_ddl();
        end if;
    end if;
    delete from plumb.guarded_tables as g
    using plumb.table_family(p_relation) as f
    where
        g.relation_id = f.relation
        and g.relation <> plumb.relation_name(f.relation)
        and exists (
            select from plumb.guarded_tables as o
            where o.relation = plumb.relation_name(f.relation)
        );
    insert into plumb.guarded_tables as g (relation, relation_id)
    select plumb.relation_name(f.relation), f.relation
    from plumb.table_family(p_relation) as f
    where not exists (
        select from plumb.guarded_tables as o
        where o.relation = plumb.relation_name(f.relation) and o.relation_id = f.relation
    )
    on conflict (relation) do update set relation_id = excluded.relation_id;
end;
$$;
comment on function plumb.attach_guard(regclass) is
'Attach the guard of safe mode to a table and its partitions, and repair what is left of one.';
revoke execute on function plumb.attach_guard(regclass) from public;
grant execute on function plumb.attach_guard(regclass) to plumb_owner;
