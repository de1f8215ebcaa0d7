-- Names missing blocks for a finding.
create or replace function plumb.count_blocks(p_first bigint, p_last bigint)
returns text
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_first >= p_last then format('block %s', p_first)
        else format('blocks %s to %s', p_first, p_last)
    end
$$;
comment on function plumb.count_blocks(bigint, bigint) is 'block 3, or blocks 3 to 7.';
