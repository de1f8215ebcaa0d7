-- Lists the keys of an enforced balance whose two sides this transaction changed by different
-- amounts, with the difference; of a limit, those that it left less room. Who gives room, by paying
-- or by a higher limit, breaks no limit that held, and may do so where it is exceeded. Null for a
-- rule whose amounts are not collected.
create or replace function plumb.pending_amounts(p_invariant text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_items constant jsonb := plumb.pending_items(p_invariant, 'a');
begin
    if v_items is null then
        return null;
    end if;
    return (
        select coalesce(jsonb_agg(jsonb_build_array(d.key, d.amount::text)), '[]')
        from (
            select i.item -> 0 as key, sum((i.item ->> 1)::numeric) as amount
            from jsonb_array_elements(v_items) as i (item)
            group by i.item -> 0
        ) as d
        where
            d.amount <> 0
            and not (
                d.amount > 0
                and d.amount < 'Infinity'
                and exists (
                    select from plumb.rules as r
                    where r.invariant = p_invariant and r.template = 'limit'
                )
            )
    );
end;
$$;
comment on function plumb.pending_amounts(text) is
'[[key, difference], …] of an enforced balance that this transaction changed.';
