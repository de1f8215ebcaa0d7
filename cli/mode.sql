-- Whether safe mode is engaged, in words.
select case when is_safe_mode then 'ON: ' || coalesce(reason, 'no reason given') else 'off' end
from plumb.safe_mode
