-- Says why the view of a rule cannot be read, null when it can. A table that another session holds
-- locked says nothing about the rule.
create or replace function plumb.rule_read_fault(p_view regclass)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform i.key
    from plumb.inspect(
        format('select null::text, null::jsonb from %s limit 0', p_view),
        p_lock_timeout_ms => 200
    ) as i;
    return null;
exception
    when lock_not_available then
        return null;
    when others then
        return sqlerrm;
end;
$$;
comment on function plumb.rule_read_fault(regclass) is
'Why the view of a rule cannot be read, null when it can or when a table is locked.';
