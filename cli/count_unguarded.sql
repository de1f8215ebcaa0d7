-- How many tables do not obey safe mode, and in which schemas.
select count(*), string_agg(distinct split_part(relation, '.', 1), ', ')
from plumb.guarded
where not obeys_safe_mode
