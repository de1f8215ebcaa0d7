-- Returns the value of a column in a row of the log, as an expression of SQL. What a literal cannot
-- say for every type is taken apart by PostgreSQL when the statement runs, with the rights of
-- whoever runs it: code of others, such as a cast, never runs with ours.
create or replace function plumb.value_expression(
    p_relation regclass, p_column text, p_row jsonb
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        -- What is in parentheses is not compared: not all types know equality.
        when p_row -> '' ? p_column and a.atttypid not in ('float4'::regtype, 'float8'::regtype)
        then format(
            '(%L)::%s', p_row -> '' ->> p_column, format_type(a.atttypid, null)
        )
        when p_row -> '' ? p_column then quote_literal(p_row -> '' ->> p_column)
        when coalesce(p_row -> p_column, 'null') = 'null' then 'null'
        when a.atttypid = any(array[
            'bool', 'int2', 'int4', 'int8', 'numeric', 'text', 'varchar', 'bpchar', 'name', 'uuid',
            'date', 'timestamp', 'timestamptz', 'time', 'timetz', 'interval', 'inet', 'cidr',
            'float4', 'float8', 'bytea', 'oid'
        ]::regtype[]) then quote_literal(p_row ->> p_column)
        else format(
            '(pg_catalog.jsonb_populate_record(null::%s, %L)).%I',
            p_relation, jsonb_build_object(p_column, p_row -> p_column), p_column
        )
    end
    from pg_attribute as a
    where a.attrelid = p_relation and a.attname = p_column and not a.attisdropped
$$;
comment on function plumb.value_expression(regclass, text, jsonb) is
'The value of a column in a row of the log, as an expression of SQL.';
grant execute on function plumb.value_expression(regclass, text, jsonb) to plumb_auditor;
