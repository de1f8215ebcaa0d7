-- Lets plumb.inspect() read an audited table with its partitions, or the view of an invariant. A
-- view that reads with the rights of whoever asks (security_invoker) needs what it reads as well,
-- but only what its owner may read is granted: looked up and judged in one statement, so that a
-- view that is changed meanwhile gains nothing. What is granted already stays untouched.
-- Runs as the superuser, for the relation is not ours.
reset role;
create or replace function plumb.grant_inspection(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_target record;
begin
    for v_target in
        select
            n.relation::regclass as relation,
            c.relnamespace,
            c.relnamespace::regnamespace as schema_name,
            has_table_privilege('plumb_inspector', n.relation, 'select') as is_granted
        from plumb.needed_relations(p_relation) as n
        inner join pg_class as c on c.oid = n.relation
        where
            n.is_readable
            and c.relkind in ('r', 'p', 'v', 'm', 'f')
            and c.relnamespace not in (
                'pg_catalog'::regnamespace, 'information_schema'::regnamespace
            )
            -- Of our own, nothing but the views of our own invariants.
            and (c.relnamespace <> 'plumb'::regnamespace or c.relkind = 'v')
    loop
        if not has_schema_privilege('plumb_inspector', v_target.relnamespace, 'usage') then
            execute format('grant usage on schema %s to plumb_inspector', v_target.schema_name);
        end if;
        if not v_target.is_granted then
            execute format('grant select on %s to plumb_inspector', v_target.relation);
        end if;
    end loop;
end;
$$;
comment on function plumb.grant_inspection(regclass) is
'Let plumb_inspector read a table with its partitions, or a view.';
revoke execute on function plumb.grant_inspection(regclass) from public;
grant execute on function plumb.grant_inspection(regclass) to plumb_owner;
