-- Returns whether a table has its complete guard: our function, always enabled, before every kind
-- of write and without a condition. One that was renamed, replaced or disabled is none. A table
-- that logical replication writes to needs the row form as well. Before PostgreSQL 16 a foreign
-- table cannot have a trigger before TRUNCATE.
create or replace function plumb.has_guard(p_relation oid)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(bool_and(
        exists (
            select from pg_trigger as t
            where
                t.tgrelid = p_relation
                and t.tgfoid = 'plumb.tg_refuse_in_safe_mode()'::regprocedure
                and t.tgname = g.name
                and t.tgenabled = 'A'
                -- Its bits: row 1, before 2, insert 4, delete 8, update 16, truncate 32.
                and (
                    t.tgtype = g.events
                    or (
                        t.tgtype = 30
                        and g.events = 62
                        and c.relkind = 'f'
                        and current_setting('server_version_num')::integer < 160000
                    )
                )
                and t.tgqual is null
                and cardinality(t.tgattr) = 0
        )
    ), false)
    from pg_class as c
    cross join (values ('plumb_safe_mode', 62), ('plumb_safe_mode_row', 31)) as g (name, events)
    where
        c.oid = p_relation
        and (g.name = 'plumb_safe_mode' or plumb.is_replicated_to(p_relation))
$$;
comment on function plumb.has_guard(oid) is
'Whether a table carries the guard of safe mode, unchanged and always enabled.';
revoke execute on function plumb.has_guard(oid) from public;
grant execute on function plumb.has_guard(oid) to plumb_reader;
