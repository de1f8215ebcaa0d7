-- Lists every tier of every drill: of an invalid backup the first failed tier shows where it broke.
create view plumb.backup_tiers as
select
    v.backup_name,
    v.started_at,
    t.position,
    t.tier ->> 'tier' as tier,
    t.tier ->> 'status' as status,
    (t.tier ->> 'seconds')::numeric as seconds,
    t.tier ->> 'evidence' as evidence
from plumb.backup_validations as v
cross join lateral jsonb_array_elements(v.tiers) with ordinality as t (tier, position)
order by v.started_at desc, t.position asc;
comment on view plumb.backup_tiers is 'What each drill found, tier by tier, newest drill first.';
comment on column plumb.backup_tiers.backup_name is 'The name of the backup.';
comment on column plumb.backup_tiers.started_at is 'When it began.';
comment on column plumb.backup_tiers.position is 'The place of the tier in the drill.';
comment on column plumb.backup_tiers.tier is 'The name of the tier.';
comment on column plumb.backup_tiers.status is 'passed, failed, unknown or skipped.';
comment on column plumb.backup_tiers.seconds is 'How long the tier took, in seconds.';
comment on column plumb.backup_tiers.evidence is 'What was seen.';
