-- Every function of amcheck.
select d.objid::regprocedure::text
from pg_depend as d
inner join pg_extension as e on e.oid = d.refobjid
where
    d.refclassid = 'pg_extension'::regclass
    and d.classid = 'pg_proc'::regclass
    and d.deptype = 'e'
    and e.extname = 'amcheck'
