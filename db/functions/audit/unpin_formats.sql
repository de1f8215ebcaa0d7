-- The application's statement goes on as if nothing had been set. After an error there is
-- nothing to do: the rollback takes the pins with it.
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
