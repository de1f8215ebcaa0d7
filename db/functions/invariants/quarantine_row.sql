-- Keeps a row that the auto-correct of a rule removed. The auto-correct runs as the owner of the
-- table, who has no right to our tables, and who may call this himself: so the name of the table is
-- the rule's and not an argument, only what a check found wrong is kept, and not without end.
create or replace function plumb.quarantine_row(p_invariant text, p_subject text, p_row jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- A row may come back as often as it is moved away.
    c_times_max constant integer := 100;
    v_first_seen_at timestamptz;
begin
    select v.first_seen_at into v_first_seen_at
    from plumb.invariant_violations as v
    inner join plumb.rules as r on r.invariant = v.invariant
    where
        v.invariant = p_invariant
        and v.subject = p_subject
        and v.cleared_at is null
        and (r.arguments ->> 'is_quarantined')::boolean;
    if
        not found
        or (
            select count(*)
            from plumb.quarantined_rows as q
            where
                q.invariant = p_invariant
                and q.subject = p_subject
                and q.quarantined_at >= v_first_seen_at
        ) >= c_times_max
    then
        raise exception
            'row % of rule % is not kept: no check found it wrong, or it was kept % times',
            quote_nullable(p_subject), quote_nullable(p_invariant), c_times_max
            using errcode = 'PL005',
            hint = 'The auto-correct of a rule keeps what its check found, once each.';
    end if;
    insert into plumb.quarantined_rows (invariant, relation, subject, row_data, quarantined_at)
    select r.invariant, r.arguments ->> 'table', p_subject, p_row, plumb.current_time()
    from plumb.rules as r
    where r.invariant = p_invariant;
    return 1;
end;
$$;
comment on function plumb.quarantine_row(text, text, jsonb) is
'Keep a row that the auto-correct of a rule removed, if a check found it wrong.';
