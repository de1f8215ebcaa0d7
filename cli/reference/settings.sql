-- Each setting with its default, unit and meaning.
select s.name, s.default_value, s.unit, s.description
from plumb.settings as s
order by s.name
