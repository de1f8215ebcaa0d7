-- Removes the null columns of a row that has nulls inside its values as well. It has every name
-- qualified, for plumb.set_columns() is called where code of others may have changed the
-- search_path.
create or replace function plumb.strip_null_columns(p_row jsonb)
returns jsonb
language sql
immutable
parallel safe
as $$
    select p_row operator(pg_catalog.-) array(
        select c.key
        from pg_catalog.jsonb_each(p_row) as c
        where c.value operator(pg_catalog.=) 'null'
    )
$$;
comment on function plumb.strip_null_columns(jsonb) is
'A row without its null columns; nulls inside of values stay.';
grant execute on function plumb.strip_null_columns(jsonb) to plumb_inspector;
