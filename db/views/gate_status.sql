-- Lists the last judgement of each gate for each deployment: why a release passed, or not.
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
comment on column plumb.gate_status.deployment is 'The name of the deployment.';
comment on column plumb.gate_status.gate is 'The name of the gate.';
comment on column plumb.gate_status.status is 'pass, fail or unknown.';
comment on column plumb.gate_status.value is 'The measured value, in words.';
comment on column plumb.gate_status.threshold is 'The limit, in words.';
comment on column plumb.gate_status.reason is 'Why, in words.';
comment on column plumb.gate_status.checked_at is 'When it was checked.';
comment on column plumb.gate_status.deployment_id is 'The deployment.';
