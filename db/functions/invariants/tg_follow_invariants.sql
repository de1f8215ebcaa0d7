-- Follows renames: when a watched table, its key column or the view of an invariant is renamed, or
-- dropped and created again, the invariant refers to the new one.
create or replace function plumb.tg_follow_invariants()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
    -- A script of an extension may not replace what is not its own. The next command follows.
    if exists (select from pg_event_trigger_ddl_commands() as c where c.in_extension) then
        return;
    end if;
    perform plumb.follow_rules(
        array(
            select c.objid
            from pg_event_trigger_ddl_commands() as c
            where c.classid = 'pg_class'::regclass
        )
    );
    perform plumb.follow_invariants();
end;
$$;
comment on function plumb.tg_follow_invariants() is
'Follow renamed views, tables and columns of invariants.';
revoke execute on function plumb.tg_follow_invariants() from public;
