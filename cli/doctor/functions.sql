-- The functions of our schema with their texts; those of an extension are not ours.
select p.proname, p.prosrc
from pg_proc as p
where
    p.pronamespace = 'plumb'::regnamespace
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
