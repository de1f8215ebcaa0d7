-- Says what the tables of engine health and their columns hold, for \d+ and docs/reference.

comment on table plumb.health_bands is
'Up to value_max (in the component''s unit) a component keeps this share of its points.';
comment on column plumb.health_bands.component is 'The component of the health score.';
comment on column plumb.health_bands.value_max is 'The highest value of the band.';
comment on column plumb.health_bands.share is
'The share of the points that a value in the band earns, 0 to 1.';

comment on table plumb.health_components is 'The components of the health score.';
comment on column plumb.health_components.component is 'The component of the health score.';
comment on column plumb.health_components.max_points is 'The points that it can earn.';
comment on column plumb.health_components.position is 'Its place in the order.';
comment on column plumb.health_components.measured_by is
'schema.function(numeric max_points) returning plumb.health_measurement.';
comment on column plumb.health_components.description is 'What it is, in words.';

comment on table plumb.health_grades is 'The lowest score of each grade.';
comment on column plumb.health_grades.grade is 'A (best) to F.';
comment on column plumb.health_grades.score_min is 'The lowest score of the grade.';

comment on table plumb.health_scores is 'The health score over time, with everything behind it.';
comment on column plumb.health_scores.health_score_id is 'Its number; the highest is the newest.';
comment on column plumb.health_scores.score is '0 to 100.';
comment on column plumb.health_scores.grade is 'A (best) to F.';
comment on column plumb.health_scores.is_safe_mode is 'Whether safe mode was engaged.';
comment on column plumb.health_scores.components is
'An array: component, status, points, max_points, value, threshold, reason.';
comment on column plumb.health_scores.cap_reason is 'Why the sum was capped; null when it was not.';
comment on column plumb.health_scores.created_at is 'When it was created.';
