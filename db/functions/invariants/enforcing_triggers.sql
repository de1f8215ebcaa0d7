-- Lists the triggers that enforce at commit, as they should be: one for each invariant and table. A
-- partitioned table has them on its parts: a trigger of the whole would be cloned by whoever makes
-- a new part, who may not use the function.
create or replace function plumb.enforcing_triggers()
returns table (invariant text, member regclass, arguments text[])
language sql
stable
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    select i.name, m.member, array[i.name] || coalesce(b.arguments, w.columns)
    from plumb.invariants as i
    inner join (
        select
            k.invariant,
            k.relation,
            array_agg(c.name order by k.key_column, k.view_column, c.position) as columns
        from plumb.invariant_watches as k
        cross join lateral (
            values (1, k.key_column), (2, k.view_column)
        ) as c (position, name)
        group by k.invariant, k.relation
    ) as w on w.invariant = i.name
    left join plumb.balanced_tables() as b
        on b.invariant = w.invariant and b.relation = w.relation
    cross join lateral plumb.audit_members(plumb.find_relation(w.relation)) as m
    inner join pg_class as c on c.oid = m.member and c.relkind <> 'p'
    where i.enforcement <> 'detect' and i.is_enabled
$$;
comment on function plumb.enforcing_triggers() is
'The triggers that collect keys for the check of invariants that are enforced.';
