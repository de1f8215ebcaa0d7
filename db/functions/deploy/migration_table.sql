-- Returns the table in which a tool keeps what it applied, by the tool's name, the table's or both.
create or replace function plumb.migration_table(p_source text, p_tool text default null)
returns table (relation text, tool text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parts text[];
    v_tool text;
    v_table_name text;
    v_found text[];
begin
    begin
        v_parts := parse_ident(p_source);
    exception
        when invalid_parameter_value then
            v_parts := array[p_source];
    end;
    select t.tool, t.table_name
    into v_tool, v_table_name
    from plumb.migration_tools() as t
    where t.tool = coalesce(p_tool, lower(p_source))
        or p_tool is null and t.table_name = v_parts[cardinality(v_parts)];
    if v_tool is null then
        raise exception '% is no tool, and no table of one, that can be read',
            quote_literal(left(coalesce(p_tool, p_source), 200))
            using errcode = 'PL002',
            hint = format(
                'Known are %s. For any other state what is applied as well: select'
                ' plumb.expect_migrations(source, expected, applied);',
                (
                    select string_agg(format('%s (%s)', t.tool, t.table_name), ', ')
                    from plumb.migration_tools() as t
                )
            );
    end if;
    if lower(p_source) <> v_tool then
        v_table_name := v_parts[cardinality(v_parts)];
    end if;
    select array_agg(format('%I.%I', n.nspname, c.relname) order by n.nspname)
    into v_found
    from pg_class as c
    inner join pg_namespace as n on n.oid = c.relnamespace
    where
        c.relname = v_table_name
        and c.relkind in ('r', 'p')
        and n.nspname not in ('plumb', 'pg_catalog', 'information_schema')
        and n.nspname = case cardinality(v_parts) when 2 then v_parts[1] else n.nspname end;
    if v_found is null then
        raise exception 'there is no table % here', case cardinality(v_parts)
            when 2 then format('%I.%I', v_parts[1], v_table_name)
            else quote_ident(v_table_name)
        end
            using errcode = 'PL001',
            hint = 'Name it as schema.table; it is there once a migration was applied.';
    end if;
    if cardinality(v_found) > 1 then
        raise exception '% is several tables: %', p_source, array_to_string(v_found, ', ')
            using errcode = 'PL002', hint = 'State each under its name with the schema.';
    end if;
    return query select v_found[1], v_tool;
end;
$$;
comment on function plumb.migration_table(text, text) is
'The table in which a tool keeps what it applied: schema.table, and the tool.';
