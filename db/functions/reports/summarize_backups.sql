-- Summarizes the backups of a period, and the age of the newest proven one at its end. RTO is how
-- long the last restore drill took to restore.
create or replace function plumb.summarize_backups(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with made as (
        select b.status, b.size_bytes, b.started_at
        from plumb.backups as b
        where b.started_at >= p_from and b.started_at < p_to
    ),

    drills as (
        select w.status, w.restore_seconds, w.finished_at
        from plumb.backup_validations as w
        where w.finished_at >= p_from and w.finished_at < p_to
    )

    select v.*
    from (values
        (
            'backups_made', 'Backups made', 'count',
            (select count(*)::numeric from made as m where m.status = 'finished')
        ),
        (
            'backups_failed', 'Backups that failed', 'count',
            (select count(*) from made as m where m.status = 'failed')
        ),
        (
            'drills_valid', 'Restore drills passed', 'count',
            (select count(*) from drills as d where d.status = 'valid')
        ),
        (
            'drills_invalid', 'Restore drills failed', 'count',
            (select count(*) from drills as d where d.status = 'invalid')
        ),
        (
            'backup_incidents_open', 'Open incidents at the end', 'count',
            (
                select count(*)
                from plumb.incidents as i
                where
                    i.source = 'backup'
                    and i.opened_at < p_to
                    and coalesce(coalesce(i.resolved_at, i.closed_at) >= p_to, true)
            )
        ),
        (
            'valid_backup_age_seconds', 'Age of the newest proven backup', 'seconds',
            (
                select extract(epoch from p_to - max(w.taken_at))
                from plumb.backup_validations as w
                where w.status = 'valid' and w.finished_at < p_to
            )
        ),
        (
            'restore_seconds', 'Time to restore (RTO)', 'seconds',
            (
                select d.restore_seconds::numeric
                from drills as d
                where d.status = 'valid' and d.restore_seconds is not null
                order by d.finished_at desc
                limit 1
            )
        ),
        (
            'backup_bytes', 'Size of the newest backup', 'bytes',
            (
                select m.size_bytes
                from made as m
                where m.status = 'finished'
                order by m.started_at desc
                limit 1
            )
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_backups(timestamptz, timestamptz) is
'Backups and drills of a period: measure, title, unit, value; null is unknown, or there was none.';
grant execute on function plumb.summarize_backups(timestamptz, timestamptz) to plumb_reader;
