-- Counts disabled triggers: each is enforcement that was switched off, such as foreign keys, stock,
-- audit, safe mode, and the event triggers that keep new tables from escaping them. What is
-- declared and not attached counts as well: guards, enforcement and watches of invariants.
create or replace function plumb.check_disabled_triggers()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'disabled_triggers',
        count(*),
        'triggers',
        coalesce(string_agg(d.name, ', ' order by d.name), 'none'),
        'ALTER TABLE … ENABLE TRIGGER …, for a guard select plumb.guard_table(…), for enforcement'
        ' select plumb.enforce_invariant(…), for one in schema plumb ./plumb migrate; then ./plumb'
        ' verify for what slipped through.'
    )
    from (
        select format('%s on %s', t.tgname, t.tgrelid::regclass) as name
        from pg_trigger as t
        inner join pg_class as c on c.oid = t.tgrelid
        where
            t.tgenabled in ('D', 'R')
            and c.relpersistence <> 't'
            and t.tgfoid <> 'plumb.tg_refuse_in_safe_mode()'::regprocedure
            -- The audit log has one that fires for replication only.
            and (t.tgenabled <> 'R' or t.tgfoid <> 'plumb.tg_audit_row()'::regprocedure)
        union all
        select format('event trigger %s', e.evtname)
        from pg_event_trigger as e
        where e.evtenabled in ('D', 'R')
        union all
        select m.name
        from plumb.missing_guards() as m (name)
        union all
        select e.name
        from plumb.missing_enforcement() as e (name)
    ) as d
$$;
comment on function plumb.check_disabled_triggers() is
'Number of disabled triggers, with missing event triggers, guards and enforcement.';
grant execute on function plumb.check_disabled_triggers() to plumb_reader;
