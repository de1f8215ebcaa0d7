-- Makes a table obey safe mode, with its partitions and those it is a partition of: a statement
-- fires the triggers of the table it names only. Logical replication fires no statement
-- triggers but for TRUNCATE, so a table that it writes to gets the row form as well.
-- Runs as the superuser, for the table is not ours.
reset role;
create or replace function plumb.guard_table(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_trigger record;
begin
    if not exists (
        select from pg_class as c
        where
            c.oid = p_relation
            and c.relkind in ('r', 'p')
            and c.relpersistence <> 't'
            and c.relnamespace not in ('plumb'::regnamespace, 'pg_catalog'::regnamespace)
    ) then
        raise exception '% cannot be guarded', coalesce(p_relation::text, 'null')
            using errcode = 'PL002',
            hint = 'Ordinary and partitioned tables outside plumb and pg_catalog can.';
    end if;
    for v_trigger in
        select f.relation, w.name, w.form
        from plumb.table_family(p_relation) as f
        inner join (values
            ('plumb_safe_mode', 'statement'), ('plumb_safe_mode_row', 'row')
        ) as w (name, form)
            on
                w.form = 'statement'
                or exists (select from pg_subscription_rel as s where s.srrelid = f.relation)
        -- Attaching takes a lock that stops writers, so what is attached stays untouched.
        where not exists (
            select from pg_trigger as t
            where
                t.tgrelid = f.relation
                and t.tgname = w.name
                and t.tgenabled = 'A'
                and t.tgfoid = 'plumb.tg_refuse_in_safe_mode()'::regprocedure
        )
    loop
        execute format(
            'create or replace trigger %I before insert or update or delete %s on %s '
            'for each %s execute function plumb.tg_refuse_in_safe_mode()',
            v_trigger.name,
            case v_trigger.form when 'statement' then 'or truncate' end,
            v_trigger.relation,
            case v_trigger.form when 'statement' then 'statement' else 'row' end
        );
        execute format(
            'alter table %s enable always trigger %I', v_trigger.relation, v_trigger.name
        );
    end loop;
    insert into plumb.guarded_tables (relation)
    select plumb.relation_name(f.relation)
    from plumb.table_family(p_relation) as f
    on conflict do nothing;
end;
$$;
comment on function plumb.guard_table(regclass) is
'Let a table and its partitions refuse writes in safe mode. Doing it again changes nothing.';
revoke execute on function plumb.guard_table(regclass) from public;
grant execute on function plumb.guard_table(regclass) to plumb_operator, plumb_owner;
