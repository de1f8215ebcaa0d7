-- Drops the auto-correct that was made for a rule. It belongs to the owner of a table.
-- Runs as the superuser, for the function is not ours.
reset role;
create or replace function plumb.drop_quarantine(p_invariant text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format(
        'drop function if exists plumb_rules.%I(text[])', 'quarantine_' || lower(p_invariant)
    );
end;
$$;
comment on function plumb.drop_quarantine(text) is
'Drop the auto-correct that was made for a rule.';
revoke execute on function plumb.drop_quarantine(text) from public;
grant execute on function plumb.drop_quarantine(text) to plumb_owner;
