-- Returns whether a view may hold a literal that runs code of others when its text is parsed: one
-- of a range, a row or an array whose type belongs to a role that is no superuser. Its elements
-- may be of a domain with conditions. Any type of this kind that the view names counts.
create or replace function plumb.has_literals_of_others(p_view oid)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select exists (
        select from pg_rewrite as w
        inner join pg_depend as d
            on
                d.classid = 'pg_rewrite'::regclass
                and d.objid = w.oid
                and d.refclassid = 'pg_type'::regclass
        inner join pg_type as t on t.oid = d.refobjid
        inner join pg_roles as r on r.oid = t.typowner and not r.rolsuper
        left join pg_type as e on e.oid = t.typelem
        where
            w.ev_class = p_view
            and (t.typtype in ('c', 'r', 'm') or e.typtype in ('c', 'd', 'm', 'r'))
    )
$$;
comment on function plumb.has_literals_of_others(oid) is
'Whether parsing the text of a view may run code of a role that is no superuser.';
revoke execute on function plumb.has_literals_of_others(oid) from public;
