-- Takes an acceptance back: what is still wrong is found again by the next check.
create or replace function plumb.withdraw_violations(
    p_invariant text, p_subjects text[] default null
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
begin
    delete from plumb.accepted_violations as a
    where a.invariant = p_invariant and (p_subjects is null or a.subject = any(p_subjects));
    get diagnostics v_count = row_count;
    -- The log of changes does not know of it, so the next check reads the whole view.
    update plumb.invariants as i set checked_seal = null where i.name = p_invariant;
    return v_count;
end;
$$;
comment on function plumb.withdraw_violations(text, text[]) is
'Withdraw the acceptance of violations of an invariant, all or some; returns how many.';
grant execute on function plumb.withdraw_violations(text, text[]) to plumb_operator;
