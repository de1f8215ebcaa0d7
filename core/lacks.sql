-- What the installing role may not have; what the server lacks is said already.
select c.capability, c.instead
from plumb.capabilities as c
where not c.is_available and c.capability in ('event triggers', 'roles of its own')
