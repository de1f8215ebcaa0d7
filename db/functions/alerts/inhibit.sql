-- Declares that one incident explains others, so that only the first one alerts.
create or replace function plumb.inhibit(
    p_parent_source text,
    p_parent_scope text,
    p_child_source text,
    p_child_scope text,
    p_reason text,
    p_by text default session_user
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_inhibition_id bigint;
begin
    perform plumb.expect_text('the reason why the parent explains the child', p_reason);
    insert into plumb.inhibitions (
        parent_source, parent_scope, child_source, child_scope, reason, created_by, created_at
    )
    values (
        p_parent_source,
        p_parent_scope,
        p_child_source,
        p_child_scope,
        p_reason,
        p_by,
        plumb.current_time()
    )
    returning inhibition_id into v_inhibition_id;
    return v_inhibition_id;
end;
$$;
comment on function plumb.inhibit(text, text, text, text, text, text) is
'Hold alerts of child incidents while a parent incident is open (LIKE patterns); returns the id.';
grant execute on function plumb.inhibit(text, text, text, text, text, text) to plumb_operator;
