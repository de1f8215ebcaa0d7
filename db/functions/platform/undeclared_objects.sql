-- Lists the objects of schema plumb that the running migration did not (re)create. Each file of db/
-- rewrites its catalog row, so a row that another transaction wrote belongs to no file.
create or replace function plumb.undeclared_objects()
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format('function %s', p.oid::regprocedure)
    from pg_proc as p
    where
        p.pronamespace = 'plumb'::regnamespace
        and p.xmin <> pg_current_xact_id()::xid
        and not exists (
            select from pg_depend as d
            where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        )
    union all
    select format('view %s', c.oid::regclass)
    from pg_class as c
    where
        c.relnamespace = 'plumb'::regnamespace
        and c.relkind in ('v', 'm')
        and c.xmin <> pg_current_xact_id()::xid
    order by 1
$$;
comment on function plumb.undeclared_objects() is
'Functions and views of schema plumb that the current transaction did not create.';
