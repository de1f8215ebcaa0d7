-- Refuses to audit a table, to enforce an invariant and to create such a cast, while a cast exists
-- whose function would run with our rights (plumb.untrusted_casts).
create or replace function plumb.refuse_untrusted_casts()
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_cast record;
begin
    select c.* into v_cast from plumb.untrusted_casts() as c limit 1;
    if found then
        raise exception 'the cast of % to json runs %, which belongs to %',
            v_cast.type_name, v_cast.function_name, v_cast.owner_name
            using errcode = 'PL002',
            hint = 'Plumbline would run it with rights of its own: give it to a superuser.';
    end if;
end;
$$;
comment on function plumb.refuse_untrusted_casts() is
'Raise PL002 when a cast to json runs a function of a role that is no superuser.';
