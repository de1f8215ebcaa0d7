-- Says why a text cannot stand where one SQL expression stands, null when it can. It is put between
-- parentheses, and must not end them, begin another statement or hide what comes after it.
create or replace function plumb.expression_fault(p_expression text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    with bare as (
        -- Without what is quoted.
        select regexp_replace(p_expression, '''[^'']*''|"[^"]*"', ' x ', 'g') as text
    ),

    depths as (
        select sum(case c.letter when '(' then 1 when ')' then -1 else 0 end) over (
            order by c.position
        ) as depth,
        c.position
        from bare as b
        cross join regexp_split_to_table(b.text, '') with ordinality as c (letter, position)
    )

    select case
        when coalesce(trim(p_expression), '') = '' then 'it is empty'
        when p_expression ~ '\\' then 'it holds a backslash'
        when b.text ~ '[''"]' then 'a quote is not closed'
        when b.text ~ '--|/\*|;|\$' then 'it holds a comment, a semicolon or a dollar sign'
        when
            (select min(d.depth) from depths as d) < 0
            or (select d.depth from depths as d order by d.position desc limit 1) <> 0
            then 'its parentheses do not match'
    end
    from bare as b
$$;
comment on function plumb.expression_fault(text) is
'Why a text is not one SQL expression, as far as that can be seen without reading tables, or null.';
