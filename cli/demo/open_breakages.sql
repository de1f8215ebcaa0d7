-- What the demo broke and is not repaired, the newest first.
select breakage_id, invariant, memo::text
from demo.breakages
where repaired_at is null and invariant = coalesce(%s, invariant)
order by breakage_id desc
for update
