-- Refuses a view that reads, with the rights of whoever asks (security_invoker), what its owner may
-- not read himself. Whoever owns a view may name any relation in it: plumb.grant_inspection() would
-- let plumb_inspector read that for the owner, and the owner's code in the view would see its rows.
-- Each reading asks, each checked commit included, so that other views are let through at once.
create or replace function plumb.refuse_hidden_relations(p_view regclass)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_hidden regclass;
begin
    if not exists (
        select
        from pg_class as v
        cross join lateral pg_options_to_table(v.reloptions) as o
        where v.oid = p_view and o.option_name = 'security_invoker' and o.option_value::boolean
    ) then
        return;
    end if;
    select n.relation into v_hidden
    from plumb.needed_relations(p_view) as n
    where not n.is_readable
    order by n.relation
    limit 1;
    if found then
        raise exception 'view % reads %, which its owner may not read', p_view, v_hidden
            using errcode = 'PL002',
            hint = 'Grant it to the owner of the view, or give the view to another owner.';
    end if;
end;
$$;
comment on function plumb.refuse_hidden_relations(regclass) is
'Raise PL002 when a security_invoker view reads a relation that its owner may not read.';
revoke execute on function plumb.refuse_hidden_relations(regclass) from public;
