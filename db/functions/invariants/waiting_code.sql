-- Finds code of others that PostgreSQL may keep until the commit and then runs as the role that
-- commits: the functions of deferrable triggers that are not SECURITY DEFINER, and the expressions
-- of deferrable exclusion constraints. Those of superusers and our own are trusted. Returns one of
-- them, null when there is none.
create or replace function plumb.waiting_code()
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select w.description
    from (
        select format('%I on %s', t.tgname, t.tgrelid::regclass) as description
        from pg_trigger as t
        inner join pg_proc as p on p.oid = t.tgfoid
        inner join pg_roles as r on r.oid = p.proowner
        where
            t.tgdeferrable
            and not t.tgisinternal
            and not p.prosecdef
            and not r.rolsuper
            and r.rolname <> 'plumb_owner'
        union all
        select format('%I on %s', c.conname, c.conrelid::regclass)
        from pg_constraint as c
        inner join pg_index as i on i.indexrelid = c.conindid
        inner join pg_class as t on t.oid = c.conrelid
        inner join pg_roles as r on r.oid = t.relowner
        where
            c.contype = 'x'
            and c.condeferrable
            and (i.indexprs is not null or i.indpred is not null)
            and not r.rolsuper
            and r.rolname <> 'plumb_owner'
    ) as w
    order by w.description
    limit 1
$$;
comment on function plumb.waiting_code() is
'A deferrable trigger or constraint whose code of others runs as the committing role, or null.';
