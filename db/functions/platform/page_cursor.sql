-- Returns where a page of a list begins that is ordered by number, newest first: behind the last
-- number of the page before. What arrives meanwhile neither hides nor repeats a row.
create or replace function plumb.page_cursor(p_limit integer, p_cursor text)
returns bigint
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_limit is null or p_limit not between 1 and 200 then
        raise exception 'limit % is not between 1 and 200', p_limit
            using errcode = 'PL002', hint = 'Follow nextCursor for more.';
    elsif p_cursor !~ '^[0-9]{1,18}$' then
        raise exception 'cursor % was not issued for this list', quote_literal(left(p_cursor, 80))
            using errcode = 'PL002', hint = 'Pass nextCursor back as it came.';
    end if;
    return coalesce(p_cursor::bigint, 9223372036854775807);
end;
$$;
comment on function plumb.page_cursor(integer, text) is
'The number below which a page begins; PL002 for a limit or a cursor that cannot be meant.';
