-- The newest health score, one line per component, so that no point is lost unexplained.
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
    h.created_at
from (
    select s.*
    from plumb.health_scores as s
    order by s.created_at desc, s.health_score_id desc
    limit 1
) as h
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
