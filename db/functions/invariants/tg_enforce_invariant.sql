-- Checks an invariant at commit.
create or replace function plumb.tg_enforce_invariant()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(new.invariant);
    v_place text := current_setting(v_prefix || '.place', true);
begin
    if coalesce(v_place, '') = '' then
        -- Before the key was noted: constraints are checked at once; or after its statement.
        perform set_config(v_prefix || '.is_early', 'true', true);
    elsif
        concat(
            current_setting(v_prefix || '.a0', true),
            current_setting(v_prefix || '.amount_chunks', true),
            current_setting(v_prefix || '.c0', true)
        ) = ''
    then
        -- A balance whose both sides were booked: nothing has to be looked at.
        delete from plumb.pending_checks as c
        where c.ctid = v_place::tid;
        v_place := set_config(v_prefix || '.place', '', true);
    else
        perform plumb.check_pending(new.invariant, new.relation, true);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_enforce_invariant() is
'Refuse, at commit, a transaction that leaves an invariant broken for a key it touched.';
