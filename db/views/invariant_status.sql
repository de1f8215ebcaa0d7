-- Lists each invariant with its last check.
create view plumb.invariant_status as
select
    i.name,
    i.priority,
    case when not i.is_enabled then 'disabled' else coalesce(c.status, 'unknown') end as status,
    coalesce(c.violation_count, 0) as violation_count,
    (
        select count(*)
        from plumb.accepted_violations as a
        where a.invariant = i.name
    ) as accepted_count,
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
    order by k.invariant_check_id desc nulls last
    limit 1
) as c on true
order by i.priority, i.name;
comment on view plumb.invariant_status is
'Each invariant and what its last check found: holds, violated, unknown or disabled.';
comment on column plumb.invariant_status.name is 'The name of the invariant.';
comment on column plumb.invariant_status.priority is 'P1 (most urgent) to P4.';
comment on column plumb.invariant_status.status is 'holds, violated, unknown, or never checked.';
comment on column plumb.invariant_status.violation_count is 'How many violations were found.';
comment on column plumb.invariant_status.accepted_count is
'How many violations were there when it was declared, or were accepted since.';
comment on column plumb.invariant_status.checked_at is 'When it was checked.';
comment on column plumb.invariant_status.duration_ms is 'How long it took, in milliseconds.';
comment on column plumb.invariant_status.error is 'The error message, if it failed.';
comment on column plumb.invariant_status.enforcement is
'detect (found afterwards), commit or statement (refused at the end of either).';
comment on column plumb.invariant_status.auto_correct is
'The function that repairs violations; null for none.';
comment on column plumb.invariant_status.description is 'What it is, in words.';
comment on column plumb.invariant_status.view_name is 'The view that returns its violations.';
comment on column plumb.invariant_status.runbook_url is 'Where its runbook is.';
