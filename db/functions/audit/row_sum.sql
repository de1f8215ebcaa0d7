-- Returns one number for one row. The sums of two tables are equal when their rows are, whatever
-- the order. Null columns are left out, so that a new column without a value changes no row. Sums
-- of form 1, which baselines of earlier versions have, leave out nulls inside of values too.
-- Inlined. Every name is qualified, for code of others may have changed the search_path by the time
-- it is called inside plumb.inspect().
create or replace function plumb.row_sum(p_row jsonb, p_sum_form integer)
returns bigint
language sql
stable
parallel safe
as $$
    select (
        'x' operator(pg_catalog.||) pg_catalog.left(
            pg_catalog.encode(
                pg_catalog.sha256(
                    pg_catalog.convert_to(
                        case p_sum_form
                            when 1 then pg_catalog.jsonb_strip_nulls(p_row)
                            else plumb.set_columns(p_row)
                        end::text,
                        'UTF8'
                    )
                ),
                'hex'
            ),
            16
        )
    )::bit(64)::bigint
$$;
comment on function plumb.row_sum(jsonb, integer) is
'The first 8 bytes of the SHA-256 of a row without its null columns, as a number.';
grant execute on function plumb.row_sum(jsonb, integer) to plumb_inspector;
