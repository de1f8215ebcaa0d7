-- Lists the casts to json whose function belongs to a role that is no superuser. The log is written
-- with its owner's rights and from what to_jsonb() makes of a row, which calls the cast of a type
-- to json where it has one: such a function would run with these rights.
create or replace function plumb.untrusted_casts()
returns table (type_name text, function_name text, owner_name text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format_type(c.castsource, null), p.oid::regprocedure::text, r.rolname::text
    from pg_cast as c
    inner join pg_proc as p on p.oid = c.castfunc
    inner join pg_roles as r on r.oid = p.proowner
    where c.casttarget = 'json'::regtype and not r.rolsuper
$$;
comment on function plumb.untrusted_casts() is
'Casts to json that run a function of a role that is no superuser.';
