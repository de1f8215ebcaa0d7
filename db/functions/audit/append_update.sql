-- An update stands under the key the row had. When it changed the key, a second row stands
-- under the new one and says where to look, so that either key leads to the whole history.
create or replace function plumb.append_update(
    p_relation text, p_key text, p_old_row jsonb, p_new_row jsonb
)
returns void
language plpgsql
volatile
as $$
declare
    v_n integer;
begin
    -- A BEFORE trigger may have left a row that moved to another partition without one half.
    v_n := plumb.append_audit(
        case
            when p_old_row is null then 'INSERT'
            when p_new_row is null then 'DELETE'
            else 'UPDATE'
        end,
        p_relation,
        p_key,
        p_old_row,
        p_new_row
    );
    if p_key <> '' and (
        (left(p_key, 1) <> '[' and p_old_row ->> p_key <> p_new_row ->> p_key)
        or (
            left(p_key, 1) = '['
            and plumb.audit_key(p_old_row, p_key) <> plumb.audit_key(p_new_row, p_key)
        )
    ) then
        perform plumb.append_audit(
            'REKEY', p_relation, 'key', null,
            jsonb_build_object('key', plumb.audit_key(p_new_row, p_key), 'n', v_n)
        );
    end if;
end;
$$;
comment on function plumb.append_update(text, text, jsonb, jsonb) is
'Append an update to the current transaction''s chain, and REKEY when it changed the key.';
