-- One row as it was at a moment: null when it did not exist then, or the log does not reach back.
create or replace function plumb.row_as_of(p_relation regclass, p_key text, p_moment timestamptz)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when h.op = 'UPDATE' and plumb.audit_key(h.new_row, k.key) <> p_key then null
        else h.new_row
    end
    from plumb.row_history(p_relation, p_key) as h
    cross join (
        select case cardinality(a.key_columns)
            when 1 then a.key_columns[1]
            else to_json(a.key_columns)::text
        end as key
        from plumb.audited_tables as a
        where a.relation = plumb.relation_name(p_relation)
        union all
        select null
        where not exists (
            select from plumb.audited_tables as a
            where a.relation = plumb.relation_name(p_relation)
        )
    ) as k
    where h.occurred_at <= p_moment
    order by h.version desc
    limit 1
$$;
comment on function plumb.row_as_of(regclass, text, timestamptz) is
'A row as it was at a moment, null when there was none.';
grant execute on function plumb.row_as_of(regclass, text, timestamptz) to plumb_auditor;
