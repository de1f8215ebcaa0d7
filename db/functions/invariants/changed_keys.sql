-- Lists the keys of an invariant's view that the changes between two seals may have made untrue.
-- Null says that the log does not know, and the whole view has to be read: a table without watch or
-- audit, a TRUNCATE, a key column kept out of the log, or more keys than a scan would cost.
create or replace function plumb.changed_keys(
    p_invariant text, p_from_seal bigint, p_to_seal bigint
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_keys jsonb;
    v_is_blind boolean;
    v_key_count bigint;
begin
    if
        p_from_seal is null
        or p_from_seal > p_to_seal
        or not exists (select from plumb.invariant_watches as w where w.invariant = p_invariant)
        or exists (
            select from plumb.invariant_watches as w
            where
                w.invariant = p_invariant
                and w.relation not in (select a.relation from plumb.audited_tables as a)
        )
    then
        return null;
    end if;
    select
        coalesce(bool_or(g.is_blind), false),
        coalesce(sum(jsonb_array_length(g.keys)), 0),
        coalesce(jsonb_object_agg(g.view_column, g.keys) filter (where g.keys is not null), '{}')
    into v_is_blind, v_key_count, v_keys
    from (
        select
            w.view_column,
            bool_or(
                c.op not in ('INSERT', 'UPDATE', 'DELETE')
                or not coalesce(c.new_row, c.old_row) ? w.key_column
            ) as is_blind,
            jsonb_agg(distinct k.key) filter (where k.key is not null) as keys
        from plumb.changes(p_from_seal + 1, p_to_seal) as c
        inner join plumb.invariant_watches as w
            on w.invariant = p_invariant and w.relation = c.relation
        cross join lateral (
            values (c.old_row ->> w.key_column), (c.new_row ->> w.key_column)
        ) as k (key)
        group by w.view_column
    ) as g;
    if v_is_blind or v_key_count > plumb.setting_number('cycle_keys_max') then
        return null;
    end if;
    return v_keys;
end;
$$;
comment on function plumb.changed_keys(text, bigint, bigint) is
'{"view column": ["key", …]} changed after p_from_seal up to p_to_seal; null: read everything.';
