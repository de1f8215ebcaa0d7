-- Restores the formats that plumb.pin_formats() changed, so that the application's statement
-- continues with its own. After an error there is nothing to do: the rollback takes the pins with
-- it.
create or replace function plumb.unpin_formats(p_saved jsonb)
returns void
language plpgsql
volatile
as $$
begin
    perform set_config(s.key, s.value, true) from jsonb_each_text(p_saved) as s;
end;
$$;
comment on function plumb.unpin_formats(jsonb) is 'Undo plumb.pin_formats().';
