-- Appends to the log something that no trigger sees: what was done to the log itself, or to a
-- table's shape.
create or replace function plumb.append_audit(
    p_op text, p_relation text, p_key text, p_old_row jsonb, p_new_row jsonb
)
returns void
language sql
volatile
as $$
    insert into plumb.audit_intake (
        txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
    )
    values (
        pg_current_xact_id(),
        clock_timestamp(),
        p_op,
        p_relation,
        p_key,
        session_user,
        plumb.app_user(),
        p_old_row,
        p_new_row
    )
$$;
comment on function plumb.append_audit(text, text, text, jsonb, jsonb) is
'Record a row of the log; p_key names the columns of its key, empty for none.';
