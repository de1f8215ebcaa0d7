-- Whether writes are allowed, and who said so.
create view plumb.safe_mode as
select
    m.mode = 'safe' as is_safe_mode,
    m.reason,
    m.enabled_by,
    m.enabled_at,
    m.is_automatic,
    m.disabled_by,
    m.disabled_at,
    m.override_token is not null as has_override_token,
    m.override_failure_count,
    m.override_locked_until
from plumb.system_mode as m;
comment on view plumb.safe_mode is
'The current mode; reason and times are those of the last switch.';
