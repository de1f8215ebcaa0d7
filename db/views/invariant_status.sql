-- Each invariant with its last check.
create view plumb.invariant_status as
select
    i.name,
    i.priority,
    case when not i.is_enabled then 'disabled' else coalesce(c.status, 'unknown') end as status,
    coalesce(c.violation_count, 0) as violation_count,
    c.checked_at,
    c.duration_ms,
    c.error,
    i.enforcement,
    i.auto_correct,
    i.description,
    i.view_name,
    i.runbook_url
from plumb.invariants as i
left join lateral (
    select k.status, k.violation_count, k.checked_at, k.duration_ms, k.error
    from plumb.invariant_checks as k
    where k.invariant = i.name
    order by k.checked_at desc, k.invariant_check_id desc
    limit 1
) as c on true
order by i.priority, i.name;
comment on view plumb.invariant_status is
'Each invariant and what its last check found: holds, violated, unknown or disabled.';
