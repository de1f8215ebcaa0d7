-- Accepts the privileges as they are now, for a person. What was accepted is recorded.
create or replace function plumb.accept_privileges(p_reason text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changes jsonb;
begin
    perform plumb.expect_text('the reason why they are right', p_reason);
    select coalesce(jsonb_agg(to_jsonb(c)), '[]') into v_changes
    from plumb.privilege_changes as c;
    delete from plumb.privileges as p where not p.is_present;
    update plumb.privileges as p set is_accepted = true where not p.is_accepted;
    insert into plumb.privilege_acceptances (reason, accepted_at, changes)
    values (p_reason, plumb.current_time(), v_changes);
    return jsonb_array_length(v_changes);
end;
$$;
comment on function plumb.accept_privileges(text) is
'Declare the privileges that the last scan found right; returns how many changes that were.';
