-- Returns about how many rows an audited table has: as it was last analysed, or else by its size.
create or replace function plumb.estimate_rows(p_relation text)
returns numeric
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        sum(
            case
                when c.reltuples < 0 then pg_relation_size(c.oid) / 100
                else c.reltuples
            end
        ),
        0
    )::numeric
    from plumb.audit_members(plumb.find_relation(p_relation)) as m
    inner join pg_class as c on c.oid = m.member
    where c.relkind = 'r'
$$;
comment on function plumb.estimate_rows(text) is 'Return about how many rows an audited table has.';
grant execute on function plumb.estimate_rows(text) to plumb_owner;
