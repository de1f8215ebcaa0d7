-- Returns what the invariants that watch a table say of some of its rows, as they are in this
-- transaction.
create or replace function plumb.violations_of_rows(p_rows jsonb)
returns table (invariant text, subject text, explanation text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select k.invariant, v.subject, v.explanation
    from (
        select g.invariant, jsonb_object_agg(g.view_column, g.keys) as keys
        from (
            select w.invariant, w.view_column, jsonb_agg(distinct o.key) as keys
            from jsonb_array_elements(p_rows) as r (line)
            inner join plumb.invariant_watches as w on w.relation = r.line ->> 'relation'
            inner join plumb.invariants as i on i.name = w.invariant and i.is_enabled
            cross join lateral (
                values
                (r.line -> 'old_row' ->> w.key_column), (r.line -> 'new_row' ->> w.key_column)
            ) as o (key)
            where o.key is not null and plumb.find_relation(i.view_name) is not null
            group by w.invariant, w.view_column
        ) as g
        group by g.invariant
    ) as k
    cross join lateral plumb.read_violations(k.invariant, k.keys) as v
$$;
comment on function plumb.violations_of_rows(jsonb) is
'Violations that concern some rows, given as [{relation, old_row, new_row}].';
revoke execute on function plumb.violations_of_rows(jsonb) from public;
grant execute on function plumb.violations_of_rows(jsonb) to plumb_auditor;
