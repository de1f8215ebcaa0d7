-- Writes an argument of a rule as SQL: a column by its quoted name, anything else as an expression
-- between parentheses. The names in it mean columns of the one table that it stands beside.
create or replace function plumb.rule_expression(p_relation text, p_expression text)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select coalesce(
        (
            select format('t.%I', a.attname)
            from pg_attribute as a
            where
                a.attrelid = plumb.find_relation(p_relation)
                and a.attname = p_expression
                and a.attnum > 0
                and not a.attisdropped
        ),
        format('(%s)', p_expression)
    )
$$;
comment on function plumb.rule_expression(text, text) is
'A column of a table as t.column, anything else as an expression between parentheses.';
