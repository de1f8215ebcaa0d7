-- The newest health score, in a sentence.
select format('%s of 100, grade %s (%s)', score, grade, created_at::timestamptz (0))
from plumb.health_scores
order by created_at desc
limit 1
