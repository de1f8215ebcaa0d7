-- Lists every violation that exists now, in words.
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
'Violations not yet repaired, with what is wrong in words.';
comment on column plumb.current_violations.invariant is 'The name of the invariant.';
comment on column plumb.current_violations.priority is 'P1 (most urgent) to P4.';
comment on column plumb.current_violations.subject is
'The key of the row that violates the invariant.';
comment on column plumb.current_violations.explanation is 'The violation in one sentence.';
comment on column plumb.current_violations.first_seen_at is 'When a check first found it.';
comment on column plumb.current_violations.last_seen_at is 'When it was last seen.';
comment on column plumb.current_violations.incident_id is 'The incident it belongs to.';
comment on column plumb.current_violations.blame is
'Transactions, roles and applications that last changed the subject.';
comment on column plumb.current_violations.details is 'More facts, as JSON.';
