-- Lists each backup with its last drill: its age, its size, its verdict, and how long a restore
-- takes.
create view plumb.backup_status as
select
    b.backup_name,
    b.tool,
    b.status,
    coalesce(v.status, 'unknown') as validation,
    -- Five minutes are forgiven, for clocks of several servers.
    case
        when b.taken_at <= plumb.current_time() + interval '5 minutes'
            then greatest(
                round((extract(epoch from plumb.current_time() - b.taken_at) / 3600)::numeric, 1),
                0
            )
    end as age_hours,
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
comment on column plumb.backup_status.backup_name is 'The name of the backup.';
comment on column plumb.backup_status.tool is
'What made the backup: plumb, pgbackrest, barman, wal-g or another tool.';
comment on column plumb.backup_status.status is 'running, finished or failed.';
comment on column plumb.backup_status.validation is
'valid, invalid, running, or unknown when it was never tried.';
comment on column plumb.backup_status.age_hours is
'The age of the state that it holds, in hours; null when it says it is of the future.';
comment on column plumb.backup_status.taken_at is 'The moment whose state the backup holds.';
comment on column plumb.backup_status.size_bytes is 'Its size in bytes.';
comment on column plumb.backup_status.size_change_percent is
'How much larger it is than the backup before, in percent.';
comment on column plumb.backup_status.is_encrypted is 'Whether its file is encrypted.';
comment on column plumb.backup_status.restore_seconds is
'How long its restore took in the newest drill, in seconds.';
comment on column plumb.backup_status.proven is 'The tiers that passed.';
comment on column plumb.backup_status.not_proven is 'The tiers that did not pass.';
comment on column plumb.backup_status.reason is 'Why, in words.';
comment on column plumb.backup_status.validated_at is 'When the newest drill ended.';
comment on column plumb.backup_status.location is 'Where its files are.';
comment on column plumb.backup_status.pruned_at is 'When its files were removed.';
