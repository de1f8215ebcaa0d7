-- Checks an invariant when a statement ends: what the statement itself broke fails at once, and the
-- COMMIT of the application never does, which some drivers do not survive.
create or replace function plumb.tg_enforce_statement()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('plumb.pending_' || lower(tg_argv[0]) || '.place', true) <> '' then
        perform plumb.check_pending(tg_argv[0], tg_relid, false);
    end if;
    return null;
end;
$$;
comment on function plumb.tg_enforce_statement() is
'Refuse a statement that leaves an invariant broken for a key it touched.';
revoke execute on function plumb.tg_enforce_statement() from public;
