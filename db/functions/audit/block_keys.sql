-- Lists the keys under which the rows of a block are found, as sealing gives them.
create or replace function plumb.block_keys(p_lines text)
returns integer[]
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select array(
        select distinct k.number
        from plumb.block_lines(p_lines) as l
        cross join lateral (
            values
            (
                case
                    when
                        l.record_key is not null or l.op not in ('INSERT', 'UPDATE', 'DELETE')
                    then plumb.key_number(l.relation, l.record_key)
                end
            ),
            (case when l.new_key is not null then plumb.key_number(l.relation, l.new_key) end),
            (plumb.table_number(l.relation))
        ) as k (number)
        where k.number is not null
        order by k.number
    )
$$;
comment on function plumb.block_keys(text) is 'The numbers of the keys that a block has rows of.';
