-- Appends one row to the current transaction's chain.
create or replace function plumb.append_audit(
    p_op text, p_relation text, p_key text, p_old_row jsonb, p_new_row jsonb
)
returns integer
language sql
volatile
as $$
    select plumb.append_audits(p_op, p_relation, p_key, array[p_old_row], array[p_new_row])
$$;
comment on function plumb.append_audit(text, text, text, jsonb, jsonb) is
'Append one row to the current transaction''s chain; returns its n.';
