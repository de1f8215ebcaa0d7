-- Shows whether safe mode is on, since when, who switched it and why.
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
comment on column plumb.safe_mode.is_safe_mode is 'Whether writes are refused now.';
comment on column plumb.safe_mode.reason is 'Why, in words.';
comment on column plumb.safe_mode.enabled_by is 'Who engaged it.';
comment on column plumb.safe_mode.enabled_at is 'When it was engaged.';
comment on column plumb.safe_mode.is_automatic is
'Whether Plumbline did it by itself, not a person.';
comment on column plumb.safe_mode.disabled_by is 'Who disengaged it.';
comment on column plumb.safe_mode.disabled_at is 'When it was disengaged.';
comment on column plumb.safe_mode.has_override_token is 'Whether an override token is set.';
comment on column plumb.safe_mode.override_failure_count is 'Wrong override tokens in a row.';
comment on column plumb.safe_mode.override_locked_until is
'No override token is accepted before this moment.';
