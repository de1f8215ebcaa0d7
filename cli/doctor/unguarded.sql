-- Tables of the application that do not obey safe mode although nothing leaves them out.
select g.relation
from plumb.guarded as g
where not g.obeys_safe_mode and not plumb.is_left_out((parse_ident(g.relation))[2])
order by g.relation
