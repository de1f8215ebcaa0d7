-- Returns a row with the exact texts of those columns that match their patterns, in a member
-- without a name, which no column can have. An empty text is that of SQL's null where the row has
-- null. Every name is qualified, for code of others may have changed the search_path by the time it
-- is called inside plumb.inspect().
create or replace function plumb.exact_row(
    p_row jsonb, p_columns text[], p_patterns text[], p_texts text[]
)
returns jsonb
language sql
immutable
parallel safe
as $$
    select case
        when e.texts is null then p_row
        else p_row operator(pg_catalog.||) pg_catalog.jsonb_build_object('', e.texts)
    end
    from (
        select pg_catalog.jsonb_object_agg(c.name, c.value) as texts
        from rows from (
            pg_catalog.unnest(p_columns),
            pg_catalog.unnest(p_patterns),
            pg_catalog.unnest(p_texts)
        ) as c (name, pattern, value)
        where
            c.value operator(pg_catalog.~) c.pattern
            and not (
                c.value operator(pg_catalog.=) ''
                and (p_row operator(pg_catalog.->) c.name) operator(pg_catalog.=) 'null'
            )
    ) as e
$$;
comment on function plumb.exact_row(jsonb, text[], text[], text[]) is
'A row with the exact texts of the columns that match their patterns, in its member "".';
grant execute on function plumb.exact_row(jsonb, text[], text[], text[]) to plumb_inspector;
