-- Reads which migrations of an application were applied. The table belongs to the application, so
-- plumb.inspect() reads it, with no rights of ours, and waits for no migration that locks it.
create or replace function plumb.read_migrations(p_source text)
returns table (name text, alias text, state text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_rows_max constant integer := 10000;
    v_expected plumb.expected_migrations;
    v_count bigint;
begin
    select e.* into v_expected
    from plumb.expected_migrations as e
    where e.source = p_source;
    if v_expected.applied is not null then
        return query
        select a.name, null::text, 'applied'
        from unnest(v_expected.applied) as a (name);
        return;
    end if;
    if plumb.find_relation(v_expected.relation) is null then
        raise exception 'table % does not exist', v_expected.relation
            using errcode = 'PL001', hint = 'select plumb.expect_migrations(source, expected);';
    end if;
    return query
    select i.key, i.value ->> 'alias', i.value ->> 'state'
    from plumb.migration_tools() as t
    cross join lateral plumb.inspect(
        format(
            'select * from (%s) as q (key, value) limit %s',
            format(t.query, v_expected.relation),
            c_rows_max + 1
        ),
        null,
        500
    ) as i
    where t.tool = v_expected.tool;
    get diagnostics v_count = row_count;
    if v_count > c_rows_max then
        raise exception 'table % has more than % rows', v_expected.relation, c_rows_max
            using errcode = 'PL002', hint = 'It is no table of migrations.';
    end if;
end;
$$;
comment on function plumb.read_migrations(text) is
'Migrations of an application with their state: applied, failed or gone.';
