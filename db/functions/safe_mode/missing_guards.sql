-- Lists what should refuse writes in safe mode and does not: tables without a whole guard, tables
-- that were guarded by name, dropped and created anew, and event triggers that were dropped.
create or replace function plumb.missing_guards()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select format('guard of %s', plumb.relation_name(r.relation))
    from plumb.guarded_relations() as r
    where not plumb.has_guard(r.relation)
    union
    select format('guard of %s', g.relation)
    from plumb.guarded_tables as g
    where
        g.relation_id is null
        and plumb.find_table(g.relation) is not null
        and not plumb.has_guard(plumb.find_table(g.relation))
    union
    select format('event trigger %s', e.name)
    from (values
        ('plumb_refuse_ddl_start', 'plumb.tg_refuse_ddl_start()'),
        ('plumb_refuse_ddl', 'plumb.tg_refuse_ddl()'),
        ('plumb_refuse_drop', 'plumb.tg_refuse_drop()'),
        ('plumb_refuse_rewrite', 'plumb.tg_refuse_rewrite()'),
        ('plumb_guard_new_tables', 'plumb.tg_guard_new_tables()')
    ) as e (name, function)
    where
        plumb.has_event_triggers()
        and not exists (
            select from pg_event_trigger as t
            where t.evtname = e.name and t.evtfoid = to_regprocedure(e.function)
        )
    order by 1
$$;
comment on function plumb.missing_guards() is
'Guards and event triggers of safe mode that are missing, renamed, replaced or disabled.';
revoke execute on function plumb.missing_guards() from public;
grant execute on function plumb.missing_guards() to plumb_reader;
