-- The keys of an enforced balance whose two sides this transaction changed by different amounts,
-- with the difference. Null for a rule whose amounts are not collected.
create or replace function plumb.pending_amounts(p_invariant text)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(p_invariant);
    v_items text := coalesce(current_setting(v_prefix || '.a0', true), '');
    v_chunk_count constant integer := coalesce(
        nullif(current_setting(v_prefix || '.amount_chunks', true), '')::integer, 0
    );
begin
    if v_items = '' then
        return null;
    end if;
    if v_chunk_count > 0 then
        select v_items || string_agg(',' || current_setting(v_prefix || '.a' || c.chunk), '')
        into v_items
        from generate_series(1, v_chunk_count) as c (chunk);
    end if;
    return (
        select coalesce(jsonb_agg(jsonb_build_array(d.key, d.amount::text)), '[]')
        from (
            select i.item -> 0 as key, sum((i.item ->> 1)::numeric) as amount
            from jsonb_array_elements(format('[%s]', v_items)::jsonb) as i (item)
            group by i.item -> 0
        ) as d
        where d.amount <> 0
    );
end;
$$;
comment on function plumb.pending_amounts(text) is
'[[key, difference], …] of an enforced balance that this transaction changed.';
