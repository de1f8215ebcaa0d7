-- Appends one row to the current transaction's chain.
create or replace function plumb.append_audit(
    p_op text, p_relation text, p_key text, p_old_row jsonb, p_new_row jsonb
)
returns integer
language plpgsql
volatile
as $$
declare
    v_n integer;
begin
    insert into plumb.audit_log
    select l.*
    from plumb.link_audit(p_op, p_relation, p_key, p_old_row, p_new_row) as l
    returning n into v_n;
    return v_n;
end;
$$;
comment on function plumb.append_audit(text, text, text, jsonb, jsonb) is
'Append one row to the current transaction''s chain; returns its n.';
