-- Every row that is wrong now, in words.
create view plumb.current_violations as
select
    v.invariant,
    i.priority,
    v.subject,
    v.explanation,
    v.first_seen_at,
    v.last_seen_at,
    v.incident_id,
    v.blame,
    v.details
from plumb.invariant_violations as v
inner join plumb.invariants as i on i.name = v.invariant
where v.cleared_at is null and i.is_enabled
order by i.priority, v.invariant, v.first_seen_at;
comment on view plumb.current_violations is
'Violations not yet mended, with what is wrong in words.';
