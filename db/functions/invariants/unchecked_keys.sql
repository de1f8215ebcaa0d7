-- Lists the keys that a check has to read. A balance whose two sides changed by the same amount is
-- as true as before, however long its history is, and needs neither a look nor a lock.
create or replace function plumb.unchecked_keys(p_invariant text, p_amounts jsonb)
returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_amounts is null then
        return plumb.pending_keys(p_invariant);
    elsif p_amounts = '[]' then
        return '{}'::jsonb;
    end if;
    -- The view shows a key of several columns by the first, too.
    return (
        select jsonb_build_object(
            case when min(jsonb_array_length(a.item -> 0)) = 1 then 'subject' else 'key_1' end,
            jsonb_agg(distinct a.item #> '{0,0}')
        )
        from jsonb_array_elements(p_amounts) as a (item)
    );
end;
$$;
comment on function plumb.unchecked_keys(text, jsonb) is
'{"view column": ["key", …]} of what this transaction changed and a check has to read.';
