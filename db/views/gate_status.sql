-- The last judgement of each gate for each deployment: why a release was let through, or not.
create view plumb.gate_status as
with ranked as (
    select
        g.*,
        row_number() over (
            partition by g.deployment, g.deployment_id, g.gate
            order by g.checked_at desc, g.deployment_gate_id desc
        ) as position
    from plumb.deployment_gates as g
)

select
    r.deployment,
    r.gate,
    r.status,
    r.value,
    r.threshold,
    r.reason,
    r.checked_at,
    r.deployment_id
from ranked as r
where r.position = 1
order by r.checked_at desc, r.deployment_id desc, r.deployment_gate_id asc;
comment on view plumb.gate_status is
'Each deployment''s newest judgement by each gate, newest deployment first.';
