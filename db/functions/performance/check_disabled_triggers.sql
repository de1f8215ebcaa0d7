-- A disabled trigger is enforcement that somebody switched off: foreign keys, stock, audit, safe
-- mode.
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
        coalesce(string_agg(format('%s on %s', t.tgname, t.tgrelid::regclass), ', '), 'none'),
        'ALTER TABLE … ENABLE TRIGGER …; then ./plumb verify for what slipped through.'
    )
    from pg_trigger as t
    inner join pg_class as c on c.oid = t.tgrelid
    where t.tgenabled in ('D', 'R') and c.relpersistence <> 't'
$$;
comment on function plumb.check_disabled_triggers() is
'Number of disabled triggers on application tables.';
grant execute on function plumb.check_disabled_triggers() to plumb_reader;
