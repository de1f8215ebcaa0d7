-- Has a check of an invariant wait for the commit: the row's deferred trigger runs it.
create or replace function plumb.note_pending(p_invariant text, p_relation oid)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_prefix constant text := 'plumb.pending_' || lower(p_invariant);
    v_place tid;
begin
    insert into plumb.pending_checks as c (invariant, relation)
    values (p_invariant, p_relation)
    returning c.ctid into v_place;
    if current_setting(v_prefix || '.is_early', true) = 'true' then
        -- The transaction checks constraints at once, and this row is not the last of
        -- its statement: what comes now is checked at commit again.
        delete from plumb.pending_checks as c where c.ctid = v_place;
        set constraints plumb.pending_checks_enforce deferred;
        insert into plumb.pending_checks as c (invariant, relation)
        values (p_invariant, p_relation)
        returning c.ctid into v_place;
        perform set_config(v_prefix || '.is_early', '', true);
    end if;
    perform set_config(v_prefix || '.place', v_place::text, true);
end;
$$;
comment on function plumb.note_pending(text, oid) is
'Have an invariant checked at commit, or at once where constraints are.';
