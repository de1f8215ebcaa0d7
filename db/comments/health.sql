-- What each column of the tables of engine health means, for \d+ and for docs/reference.

comment on column plumb.health_bands.component is 'The component of the health score.';
comment on column plumb.health_bands.value_max is 'The highest value of the band.';
comment on column plumb.health_bands.share is
'The share of the points that a value in the band earns, 0 to 1.';

comment on column plumb.health_components.component is 'The component of the health score.';
comment on column plumb.health_components.max_points is 'The points that it can earn.';
comment on column plumb.health_components.position is 'Its place in the order.';
comment on column plumb.health_components.description is 'What it is, in words.';

comment on column plumb.health_grades.grade is 'A (best) to F.';
comment on column plumb.health_grades.score_min is 'The lowest score of the grade.';

comment on column plumb.health_scores.health_score_id is 'Its number; the highest is the newest.';
comment on column plumb.health_scores.score is '0 to 100.';
comment on column plumb.health_scores.grade is 'A (best) to F.';
comment on column plumb.health_scores.is_safe_mode is 'Whether safe mode was engaged.';
comment on column plumb.health_scores.created_at is 'When it was created.';
