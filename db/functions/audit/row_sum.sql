-- One number for one row, to be summed over a table: equal sums, equal tables, whatever the
-- order. Nulls are left out, so that a new column without a value changes no row. Inlined. Every
-- name is qualified, for code of others may have changed the search_path by the time it is called
-- inside plumb.inspect().
create or replace function plumb.row_sum(p_row jsonb)
returns bigint
language sql
stable
parallel safe
as $$
    select (
        'x' operator(pg_catalog.||) pg_catalog.left(
            pg_catalog.encode(
                pg_catalog.sha256(
                    pg_catalog.convert_to(pg_catalog.jsonb_strip_nulls(p_row)::text, 'UTF8')
                ),
                'hex'
            ),
            16
        )
    )::bit(64)::bigint
$$;
comment on function plumb.row_sum(jsonb) is
'The first 8 bytes of the SHA-256 of a row without its nulls, as a number.';
grant execute on function plumb.row_sum(jsonb) to plumb_inspector;
