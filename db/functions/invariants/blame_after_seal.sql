-- Names the transactions that the last check of an invariant could not know yet, because they were
-- not sealed. The first seal after a check holds whatever that check saw; later ones hold repairs
-- of it. It waits for no session: a check that runs looks at these changes itself.
create or replace function plumb.blame_after_seal(p_seal_id bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_invariant record;
    v_count bigint := 0;
begin
    if not exists (
        select from plumb.invariant_violations as v where v.cleared_at is null
    ) then
        return 0;
    end if;
    perform from plumb.locks as l where l.name = 'check invariants' for update skip locked;
    if not found then
        return 0;
    end if;
    for v_invariant in
        select i.name, i.checked_seal, n.seal_id as next_seal
        from plumb.invariants as i
        cross join lateral (
            select min(s.seal_id) as seal_id
            from plumb.seals as s
            where s.seal_id > coalesce(i.checked_seal, 0) and s.seal_id <= p_seal_id
        ) as n
        where
            i.is_enabled
            and n.seal_id > coalesce(i.blamed_seal, 0)
            and exists (
                select from plumb.invariant_violations as v
                where v.invariant = i.name and v.cleared_at is null
            )
        order by i.name
    loop
        v_count := v_count + plumb.blame_violations(
            v_invariant.name, v_invariant.checked_seal, v_invariant.next_seal, true
        );
        update plumb.invariants as i
        set blamed_seal = v_invariant.next_seal
        where i.name = v_invariant.name;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.blame_after_seal(bigint) is
'Fill in who caused what the last checks found before it was sealed; returns how many violations.';
