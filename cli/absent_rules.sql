-- The rules that the transaction did not declare.
select r.invariant
from plumb.rules as r
where r.xmin <> pg_current_xact_id()::xid
order by r.invariant
