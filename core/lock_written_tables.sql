-- Keeps writers away from the tables that have triggers of ours, until the migration commits. A
-- writer locks such a table first and the log second; a migration that took them the other way
-- round would be what the writer deadlocks with. So it takes all of the tables first: all or none,
-- and never waiting for long while it holds one. Where a revision will alter the shop's tables,
-- readers are kept away too: one that goes on to write would wait for what waits for it.
do $$
declare
    v_lock_timeout constant text := current_setting('lock_timeout');
    v_ends_at constant timestamptz := clock_timestamp() + v_lock_timeout::interval;
    v_tables text;
    v_altered text;
begin
    select string_agg(format('only %I.%I', n.nspname, c.relname), ', ' order by c.oid)
    into v_tables
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where
        c.relkind in ('r', 'p')
        and n.nspname <> 'plumb'
        and exists (
            select
            from pg_trigger as t
            inner join pg_proc as p on p.oid = t.tgfoid
            inner join pg_namespace as f on f.oid = p.pronamespace
            where t.tgrelid = c.oid and f.nspowner = to_regrole('plumb_owner')
        );
    select string_agg(format('only %s', c.conrelid::regclass), ', ' order by c.conrelid)
    into v_altered
    from (
        select distinct k.conrelid
        from pg_constraint as k
        where
            -- Of the demo shop: a schema of this name may be the application's own.
            k.connamespace = (
                select n.oid
                from pg_namespace as n
                where n.nspname = 'retail' and n.nspowner = to_regrole('plumb_owner')
            )
            and k.contype = 'p'
            -- Revision 0033 adds it.
            and not exists (
                select from pg_constraint as o
                where o.connamespace = k.connamespace and o.conname = 'sales_total_finite'
            )
    ) as c;
    if v_tables is null and v_altered is null then
        return;
    end if;
    perform set_config('lock_timeout', '250ms', true);
    loop
        begin
            if v_altered is not null then
                execute format('lock table %s in access exclusive mode', v_altered);
            end if;
            if v_tables is not null then
                execute format('lock table %s in share row exclusive mode', v_tables);
            end if;
            exit;
        exception when lock_not_available then
            if clock_timestamp() > v_ends_at then
                raise;
            end if;
            perform pg_sleep(0.1);
        end;
    end loop;
    perform set_config('lock_timeout', v_lock_timeout, true);
end;
$$
