-- Lists the drift scores over time, and which invariants lowered them.
create view plumb.drift_history as
select
    d.created_at,
    d.score,
    d.score - lag(d.score) over (order by d.created_at, d.drift_score_id) as change,
    d.mode,
    d.violation_count,
    array(
        select c.invariant || ' (' || c.violation_count || ')'
        from plumb.invariant_checks as c
        where c.drift_score_id = d.drift_score_id and c.status = 'violated'
        order by c.invariant
    ) as violated,
    d.unknown_invariants
from plumb.drift_scores as d
order by d.created_at desc, d.drift_score_id desc;
comment on view plumb.drift_history is 'Drift scores, newest first, with what violated them.';
comment on column plumb.drift_history.created_at is 'When it was created.';
comment on column plumb.drift_history.score is 'The drift score: 100 when every invariant holds.';
comment on column plumb.drift_history.change is 'The difference to the score before.';
comment on column plumb.drift_history.mode is 'cycle (what changed) or deep (everything).';
comment on column plumb.drift_history.violation_count is 'How many violations were found.';
comment on column plumb.drift_history.violated is
'The invariants that were violated, each with its number of violations.';
comment on column plumb.drift_history.unknown_invariants is
'The invariants that could not be checked.';
