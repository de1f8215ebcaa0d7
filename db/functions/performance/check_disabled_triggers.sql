-- A disabled trigger is enforcement that somebody switched off: foreign keys, stock, audit, safe
-- mode, and the event triggers that keep new tables from escaping them.
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
        'ALTER TABLE … ENABLE TRIGGER …; then ./plumb verify for what slipped through.'
    )
    from (
        select format('%s on %s', t.tgname, t.tgrelid::regclass) as name
        from pg_trigger as t
        inner join pg_class as c on c.oid = t.tgrelid
        where t.tgenabled in ('D', 'R') and c.relpersistence <> 't'
        union all
        select format('event trigger %s', e.evtname)
        from pg_event_trigger as e
        where e.evtenabled in ('D', 'R')
    ) as d
$$;
comment on function plumb.check_disabled_triggers() is
'Number of disabled triggers, event triggers included.';
grant execute on function plumb.check_disabled_triggers() to plumb_reader;
