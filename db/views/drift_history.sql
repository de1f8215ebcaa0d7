-- How true the data was over time, and which invariants made it less so.
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
