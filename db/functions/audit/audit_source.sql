-- The query that reads rows for plumb.audit_insertion: those that a statement changed, from the
-- transition tables of its trigger, or those of a table. p_from says which, but for an UPDATE,
-- whose old and new rows are paired by their order: PostgreSQL stores both at once for each row.
-- A full join is never done by nested loops. A row is always t.*, for a column may be named t.
create or replace function plumb.audit_source(
    p_op text, p_from text, p_key text, p_excluded text, p_masked text
)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when p_op = 'UPDATE' then format(
            $sql$
            select l.op, l.record_key, l.old_row, l.new_row
            from (
                select p.old_row, p.new_row, %1$s as old_key, %2$s as new_key
                from (
                    select o.payload as old_row, n.payload as new_row
                    from (select row_number() over () as i, %3$s as payload from old_rows as t) as o
                    full join (
                        select row_number() over () as i, %3$s as payload from new_rows as t
                    ) as n on n.i = o.i
                    offset 0
                ) as p
                offset 0
            ) as u
            cross join lateral (
                select
                    plumb.update_op(u.old_row, u.new_row) as op,
                    coalesce(u.old_key, u.new_key) as record_key,
                    u.old_row,
                    u.new_row
                union all
                select 'REKEY', u.new_key, null, null where u.old_key <> u.new_key
            ) as l
            $sql$,
            e.old_key, e.new_key, e.payload
        )
        when p_op = 'DELETE' then format(
            $sql$
            select 'DELETE' as op, %s as record_key, p.old_row, null::jsonb as new_row
            from (select %s as old_row from %s as t offset 0) as p
            $sql$,
            e.old_key, e.payload, p_from
        )
        else format(
            $sql$
            select %L as op, %s as record_key, null::jsonb as old_row, p.new_row
            from (select %s as new_row from %s as t offset 0) as p
            $sql$,
            p_op, e.new_key, e.payload, p_from
        )
    end
    from (
        select
            format(k.pattern, 'p.old_row', p_key) as old_key,
            format(k.pattern, 'p.new_row', p_key) as new_key,
            case
                when p_excluded is null then 'to_jsonb(t.*)'
                else format(
                    'plumb.audit_payload(to_jsonb(t.*), %L::text [], %L::text [])',
                    p_excluded,
                    p_masked
                )
            end as payload
        from (
            select case
                when left(p_key, 1) = '[' then 'plumb.audit_key(%s, %L)' else '%s ->> %L'
            end as pattern
        ) as k
    ) as e
$$;
comment on function plumb.audit_source(text, text, text, text, text) is
'The query of op, record_key, old_row and new_row over transition tables, or over a table.';
