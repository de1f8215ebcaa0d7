-- Returns a page of the blocked clients as JSON, the newest block first, and in total how many
-- there are: an attack may block thousands.
create or replace function plumb.describe_blocks(
    p_limit integer default 50, p_cursor text default null
)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before constant bigint := plumb.page_cursor(p_limit, p_cursor);
    v_page json;
begin
    with matching as (
        select b as block, b.security_block_id
        from plumb.security_blocks as b
        where b.lifted_at is null and b.blocked_until > plumb.current_time()
    ),

    -- One row more than asked for shows whether there is a next page.
    page as (
        select m.*, row_number() over (order by m.security_block_id desc) as position
        from matching as m
        where m.security_block_id < v_before
        order by m.security_block_id desc
        limit p_limit + 1
    )

    select json_build_object(
        'total', (select count(*) from matching),
        'blocks', coalesce(
            json_agg(plumb.describe_block(p.block) order by p.position)
            filter (where p.position <= p_limit), '[]'
        ),
        'nextCursor', case when count(*) > p_limit then
            (min(p.security_block_id) filter (where p.position = p_limit))::text
        end
    )
    into v_page
    from page as p;
    return v_page;
end;
$$;
comment on function plumb.describe_blocks(integer, text) is
'A page of the blocks that hold now as JSON with total and nextCursor.';
grant execute on function plumb.describe_blocks(integer, text) to plumb_reader;
