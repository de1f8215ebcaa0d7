-- Tables of the application that do not obey safe mode.
select g.relation
from plumb.guarded as g
where not g.obeys_safe_mode
order by g.relation
