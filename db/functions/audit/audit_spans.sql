-- Lists under which names a table was logged since its last baseline, the present one first, and
-- the renames that began and ended each: what stands under a name before and after is another
-- table's.
create or replace function plumb.audit_spans(p_relation text)
returns table (place bigint, name text, begins jsonb, ends jsonb)
language sql
stable
rows 1
set search_path = pg_catalog, pg_temp
as $$
    with renames as (
        select s.number, s.value
        from plumb.audited_tables as a
        cross join lateral jsonb_array_elements(a.baseline_pending -> 'spans')
            with ordinality as s (value, number)
        where a.relation = p_relation
    )

    select
        row_number() over (order by n.number desc),
        n.name,
        lag(n.ends) over (order by n.number),
        n.ends
    from (
        select r.number, r.value ->> 'name' as name, r.value as ends from renames as r
        union all
        select coalesce(max(r.number), 0) + 1, p_relation, null from renames as r
    ) as n
    order by 1
$$;
comment on function plumb.audit_spans(text) is
'The names of an audited table since its last baseline, and the renames that began and ended each.';
revoke execute on function plumb.audit_spans(text) from public;
grant execute on function plumb.audit_spans(text) to plumb_owner;
