-- Shows the newest health score, one line for each component, so that each lost point is explained.
-- It was recorded by the job and not measured now: its age says how much to trust it.
create view plumb.health_explained as
select
    c.component,
    c.status,
    c.points,
    c."maxPoints" as max_points,
    c.value,
    c.threshold,
    c.reason,
    h.score,
    h.grade,
    h.cap_reason,
    h.created_at,
    round(extract(epoch from plumb.current_time() - h.created_at)) as age_seconds,
    coalesce(
        plumb.current_time() - h.created_at
        not between interval '0' and 3 * plumb.setting_interval('health_interval_ms'),
        true
    ) as is_stale
from plumb.newest_health_score() as h
cross join lateral jsonb_to_recordset(h.components) as c (
    component text,
    status text,
    points numeric,
    "maxPoints" numeric,
    value numeric,
    threshold numeric,
    reason text
);
comment on view plumb.health_explained is
'The newest health score by component: points of max_points, value, threshold and why.';
comment on column plumb.health_explained.component is 'The component of the health score.';
comment on column plumb.health_explained.status is 'good, degraded, bad, idle or unknown.';
comment on column plumb.health_explained.points is 'The points that it earned.';
comment on column plumb.health_explained.max_points is 'The points that it can earn.';
comment on column plumb.health_explained.value is 'The measured value.';
comment on column plumb.health_explained.threshold is 'The limit that the value is compared with.';
comment on column plumb.health_explained.reason is 'Why, in words.';
comment on column plumb.health_explained.score is 'The health score, 0 to 100.';
comment on column plumb.health_explained.grade is 'A (best) to F.';
comment on column plumb.health_explained.cap_reason is
'Why the score is lower than the sum of the points; null when it is not.';
comment on column plumb.health_explained.created_at is 'When the score was computed.';
comment on column plumb.health_explained.age_seconds is
'How long ago that was, in seconds; select plumb.score_health() computes it now.';
comment on column plumb.health_explained.is_stale is
'Whether the score is older than three intervals, or of the future: what is true now is unknown.';
