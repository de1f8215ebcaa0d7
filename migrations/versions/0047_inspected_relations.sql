-- Earlier versions let plumb_inspector read whatever a view named. All of it is taken back; the
-- code grants what audited tables and the views of invariants need.
do $$
declare
    v_relation regclass;
begin
    for v_relation in
        select c.oid
        from pg_class as c
        inner join pg_namespace as n on n.oid = c.relnamespace
        cross join lateral aclexplode(c.relacl) as a
        where
            a.grantee = 'plumb_inspector'::regrole
            and n.nspname not in ('plumb', 'pg_catalog', 'information_schema')
            and c.relkind in ('r', 'p', 'v', 'm', 'f')
    loop
        execute format('revoke all on %s from plumb_inspector', v_relation);
    end loop;
end;
$$;
