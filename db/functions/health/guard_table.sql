-- Makes a table obey safe mode. Partitions are guarded one by one, because a statement on a
-- partition does not fire its parent's statement triggers; a table that logical replication
-- applies to gets the row form, because only row triggers fire there.
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
    v_table record;
begin
    if exists (
        select from pg_class as c
        where
            c.oid = p_relation
            and (
                c.relkind not in ('r', 'p')
                or c.relpersistence = 't'
                or c.relnamespace in (
                    'plumb'::regnamespace, 'pg_catalog'::regnamespace
                )
            )
    ) then
        raise exception '% cannot be guarded', p_relation
            using errcode = 'PL002',
            hint = 'Ordinary and partitioned tables outside plumb and pg_catalog can.';
    end if;
    for v_table in
        select
            c.oid::regclass as relation,
            exists (
                select from pg_subscription_rel as s where s.srrelid = c.oid
            ) as is_subscribed
        from pg_class as c
        where c.oid = p_relation or c.oid in (select t.relid from pg_partition_tree(p_relation) as t)
    loop
        -- Attaching takes a lock that stops writers, so what is attached stays untouched.
        if not exists (
            select from pg_trigger as t
            where
                t.tgrelid = v_table.relation
                and t.tgname = 'plumb_safe_mode'
                and t.tgenabled = 'A'
                and (t.tgtype & 1 = 1) = v_table.is_subscribed
                and t.tgfoid = 'plumb.tg_refuse_in_safe_mode()'::regprocedure
        ) then
            execute format('drop trigger if exists plumb_safe_mode on %s', v_table.relation);
            execute format(
                'create trigger plumb_safe_mode before insert or update or delete %s on %s '
                'for each %s execute function plumb.tg_refuse_in_safe_mode()',
                case when not v_table.is_subscribed then 'or truncate' end,
                v_table.relation,
                case when v_table.is_subscribed then 'row' else 'statement' end
            );
            execute format(
                'alter table %s enable always trigger plumb_safe_mode', v_table.relation
            );
        end if;
        insert into plumb.guarded_tables (relation)
        values (plumb.relation_name(v_table.relation))
        on conflict do nothing;
    end loop;
end;
$$;
comment on function plumb.guard_table(regclass) is
'Let a table and its partitions refuse writes in safe mode. Doing it again changes nothing.';
revoke execute on function plumb.guard_table(regclass) from public;
grant execute on function plumb.guard_table(regclass) to plumb_operator, plumb_owner;
