-- How many tables do not obey safe mode although nothing leaves them out, and in which schemas.
select count(*), string_agg(distinct (parse_ident(g.relation))[1], ', ')
from plumb.guarded as g
where not g.obeys_safe_mode and not plumb.is_left_out((parse_ident(g.relation))[2])
