-- Makes a table obey safe mode because a person asked for it. Its name is kept: when the table is
-- dropped and created anew, the new one is guarded too. Runs as the superuser, because the table is
-- not ours.
reset role;
create or replace function plumb.guard_table(p_relation regclass)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
        select from pg_class as c
        where
            c.oid = p_relation
            and c.relkind in ('r', 'p', 'f')
            and c.relpersistence <> 't'
            and c.relnamespace not in ('plumb'::regnamespace, 'pg_catalog'::regnamespace)
    ) then
        raise exception '% cannot be guarded', coalesce(p_relation::text, 'null')
            using errcode = 'PL002',
            hint = 'Ordinary, partitioned and foreign tables outside plumb and pg_catalog can.';
    end if;
    perform plumb.attach_guard(p_relation);
    update plumb.guarded_tables as g
    set is_explicit = true
    where g.relation_id = p_relation and not g.is_explicit;
end;
$$;
comment on function plumb.guard_table(regclass) is
'Let a table and its partitions refuse writes in safe mode. Again, it repairs a damaged guard.';
revoke execute on function plumb.guard_table(regclass) from public;
grant execute on function plumb.guard_table(regclass) to plumb_operator, plumb_owner;
