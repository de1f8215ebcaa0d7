-- Each setting with its default, unit, the values that it takes, and its meaning.
select
    s.name,
    s.default_value,
    s.unit,
    case
        when s.minimum is not null then format('%s to %s', s.minimum, s.maximum)
        when s.choices is not null then array_to_string(s.choices, ', ')
        else s.kind
    end as takes,
    s.description
from plumb.settings as s
order by s.name
