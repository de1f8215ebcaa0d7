-- Checks B-tree indexes of the live database with amcheck, up to a limit of bytes per run: first
-- those that were corrupted, then those that were checked longest ago. It takes the locks of a
-- reader. Only a superuser may call amcheck, so this function is the superuser's.
reset role;
create or replace function plumb.check_indexes()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
declare
    v_bytes_left numeric := plumb.setting_number('amcheck_bytes_max');
    v_schema text;
    v_index record;
    v_error text;
    v_checked integer := 0;
    v_broken text;
    v_broken_count bigint;
begin
    if plumb.setting('amcheck_enabled') <> 'true' then
        return 'amcheck is switched off';
    end if;
    select n.nspname into v_schema
    from pg_extension as e
    inner join pg_namespace as n on n.oid = e.extnamespace
    where e.extname = 'amcheck';
    if not found then
        return 'amcheck is not installed';
    end if;
    delete from plumb.index_checks as k where to_regclass(k.relation) is null;
    for v_index in
        select
            i.indexrelid::regclass as relation,
            plumb.relation_name(i.indexrelid::regclass) as relation_name,
            pg_relation_size(i.indexrelid) as size_bytes
        from pg_index as i
        inner join pg_class as c on c.oid = i.indexrelid and c.relkind = 'i'
        inner join pg_am as a on a.oid = c.relam and a.amname = 'btree'
        left join plumb.index_checks as k
            on k.relation = plumb.relation_name(i.indexrelid::regclass)
        where i.indisvalid and i.indisready and c.relpersistence = 'p'
        order by coalesce(k.error, '') <> '' desc, k.checked_at nulls first, i.indexrelid
        limit plumb.setting_number('amcheck_indexes_max')::integer
    loop
        exit when v_checked > 0 and v_index.size_bytes > v_bytes_left;
        v_error := '';
        begin
            execute format('select %I.bt_index_check($1)', v_schema) using v_index.relation;
        exception
            -- Another session rebuilds or drops it: its turn comes again.
            when lock_not_available or undefined_object or undefined_table then continue;
            when others then v_error := format('%s (%s)', sqlerrm, sqlstate);
        end;
        insert into plumb.index_checks (relation, size_bytes, error, checked_at)
        values (v_index.relation_name, v_index.size_bytes, v_error, plumb.current_time())
        on conflict (relation) do update
        set
            size_bytes = excluded.size_bytes,
            error = excluded.error,
            checked_at = excluded.checked_at;
        v_checked := v_checked + 1;
        v_bytes_left := v_bytes_left - v_index.size_bytes;
    end loop;
    select count(*), string_agg(format('%s: %s', k.relation, k.error), '; ' order by k.relation)
    into v_broken_count, v_broken
    from plumb.index_checks as k
    where k.error <> '';
    if v_broken_count = 0 then
        perform plumb.resolve_incident('backup', 'amcheck', 'every index checked is sound');
        return format('%s sound', plumb.counted(v_checked, 'index is', 'indexes are'));
    end if;
    perform plumb.open_incident(
        'backup',
        'amcheck',
        'P1',
        format(
            'Of our indexes %s broken', plumb.counted(v_broken_count, 'is', 'are')
        ),
        left(v_broken, 2000),
        v_broken_count,
        plumb.setting('runbook_base_url') || 'backup.md'
    );
    return format(
        '%s of %s broken', v_broken_count, plumb.counted(v_checked, 'index is', 'indexes are')
    );
end;
$$;
comment on function plumb.check_indexes() is
'Check indexes with amcheck, up to amcheck_bytes_max; opens a P1 incident, says what it found.';
revoke execute on function plumb.check_indexes() from public;
grant execute on function plumb.check_indexes() to plumb_owner;
