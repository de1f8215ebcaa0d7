-- Lists the silences and maintenance windows that hold now or begin later, until when, by whom and
-- why.
create view plumb.active_silences as
select
    s.silence_id,
    s.kind,
    s.source,
    s.scope,
    s.priorities,
    s.starts_at,
    s.ends_at,
    s.repeats_every,
    s.repeats_until,
    s.reason,
    s.created_by,
    (
        select count(*)
        from plumb.incidents as i
        where
            i.is_open
            and i.source like s.source
            and i.scope like s.scope
            and i.priority = any(s.priorities)
    ) as matching_open_incidents
from plumb.silences as s
where
    s.ended_at is null
    and coalesce(
        s.repeats_until, case when s.repeats_every is null then s.ends_at end, 'infinity'
    ) > plumb.current_time()
order by s.starts_at;
comment on view plumb.active_silences is
'Silences and maintenance windows that are in force or still to come.';
comment on column plumb.active_silences.silence_id is 'Its number, for plumb.end_silence().';
comment on column plumb.active_silences.kind is 'silence or maintenance.';
comment on column plumb.active_silences.source is 'LIKE pattern of the sources it silences.';
comment on column plumb.active_silences.scope is 'LIKE pattern of the scopes it silences.';
comment on column plumb.active_silences.priorities is
'Which priorities it applies to; null means all.';
comment on column plumb.active_silences.starts_at is 'When it begins.';
comment on column plumb.active_silences.ends_at is 'When it ends.';
comment on column plumb.active_silences.repeats_every is
'The interval at which it repeats; null means once.';
comment on column plumb.active_silences.repeats_until is 'When it stops repeating.';
comment on column plumb.active_silences.reason is 'Why, in words.';
comment on column plumb.active_silences.created_by is 'Who created it.';
comment on column plumb.active_silences.matching_open_incidents is
'How many open incidents it silences now.';
