-- Each backup with its last drill: how old, how big, worth what, and how long a restore takes.
create view plumb.backup_status as
select
    b.backup_name,
    b.tool,
    b.status,
    coalesce(v.status, 'unknown') as validation,
    round((extract(epoch from plumb.current_time() - b.taken_at) / 3600)::numeric, 1) as age_hours,
    b.taken_at,
    b.size_bytes,
    round(
        100.0 * b.size_bytes
        / nullif(lag(b.size_bytes) over (partition by b.tool order by b.taken_at), 0) - 100,
        1
    ) as size_change_percent,
    b.is_encrypted,
    round(v.restore_seconds::numeric, 1) as restore_seconds,
    v.proven,
    v.not_proven,
    coalesce(nullif(b.error, ''), v.reason, 'never tried') as reason,
    v.finished_at as validated_at,
    b.location,
    b.pruned_at
from plumb.backups as b
left join lateral (
    select
        w.status,
        w.restore_seconds,
        w.reason,
        w.finished_at,
        (
            select string_agg(t.tier ->> 'tier', ', ')
            from jsonb_array_elements(w.tiers) as t (tier)
            where t.tier ->> 'status' = 'passed'
        ) as proven,
        (
            select string_agg(e.tier, ', ' order by e.position)
            from
                unnest(array[
                    'checksum', 'decrypted', 'restored', 'amcheck', 'row_counts', 'invariants',
                    'audit', 'drift'
                ]) with ordinality as e (tier, position)
            where not exists (
                select
                from jsonb_array_elements(w.tiers) as t (tier)
                where
                    t.tier ->> 'tier' = e.tier and t.tier ->> 'status' in ('passed', 'skipped')
            )
        ) as not_proven
    from plumb.backup_validations as w
    where w.backup_name = b.backup_name
    order by w.started_at desc, w.backup_validation_id desc
    limit 1
) as v on true
order by b.started_at desc;
comment on view plumb.backup_status is
'Every backup, newest first: what it was proven to be and how long its restore took.';
