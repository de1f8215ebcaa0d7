-- Keeps a row that the auto-correct of a rule removed. The auto-correct runs as the owner of the
-- table, who has no right to our tables; the name of the table is the rule's and not an argument.
create or replace function plumb.quarantine_row(p_invariant text, p_subject text, p_row jsonb)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with kept as (
        insert into plumb.quarantined_rows (
            invariant, relation, subject, row_data, quarantined_at
        )
        select r.invariant, r.arguments ->> 'table', p_subject, p_row, plumb.current_time()
        from plumb.rules as r
        where r.invariant = p_invariant and (r.arguments ->> 'is_quarantined')::boolean
        returning 1
    )

    select count(*)::integer from kept
$$;
comment on function plumb.quarantine_row(text, text, jsonb) is
'Keep a row that the auto-correct of a rule removed from its table.';
