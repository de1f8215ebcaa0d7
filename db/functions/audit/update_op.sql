-- What an UPDATE did to a row. It nearly always updated it; but a trigger that suppresses a row on
-- its way to another partition leaves an old row without a new one.
create or replace function plumb.update_op(p_old_row jsonb, p_new_row jsonb)
returns text
language sql
immutable
parallel safe
as $$
    select case
        when p_old_row is null then 'INSERT'
        when p_new_row is null then 'DELETE'
        else 'UPDATE'
    end
$$;
comment on function plumb.update_op(jsonb, jsonb) is
'INSERT without an old row, DELETE without a new one, otherwise UPDATE.';
