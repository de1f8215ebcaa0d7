-- Returns whether an expression names anything by its schema: a function, an operator, a type or a
-- table, which may be of another owner. What it names without one is a column or of pg_catalog.
-- Whatever has a point counts but numbers, for `t.` may be the table or a schema.
create or replace function plumb.names_a_schema(p_expression text)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select regexp_replace(
        regexp_replace(p_expression, '''[^'']*''|"[^"]*"', ' x ', 'g'),
        '\m[0-9]+\.(?![[:alpha:]_])|\.[0-9]',
        '',
        'g'
    ) ~ '\.'
$$;
comment on function plumb.names_a_schema(text) is
'Whether an expression names a function, an operator, a type or a table by its schema.';
