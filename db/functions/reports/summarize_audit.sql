-- Summarizes the audit log of a period: how much was sealed, which the seals count, so that no
-- report reads the log itself; and what its verifications found, though it may have been repaired
-- before the end.
create or replace function plumb.summarize_audit(p_from timestamptz, p_to timestamptz)
returns table (measure text, title text, unit text, value numeric)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select v.*
    from (
        select
            count(*)::numeric as seal_count,
            coalesce(sum(s.transaction_count), 0) as transaction_count,
            coalesce(sum(s.row_count), 0) as row_count
        from plumb.seals as s
        where s.sealed_at >= p_from and s.sealed_at < p_to
    ) as s
    cross join (
        select max(k.verified_at) as verified_at
        from (
            select a.verified_at from plumb.audit_verification as a
            union all
            select r.finished_at
            from plumb.job_runs as r
            where r.job_name in ('audit-verify', 'audit-deep') and r.result = 'succeeded'
            union all
            select f.first_seen_at from plumb.audit_findings as f
            union all
            select e.occurred_at
            from plumb.incident_events as e
            inner join plumb.incidents as i on i.incident_id = e.incident_id
            where i.source = 'audit'
        ) as k
        where k.verified_at < p_to
    ) as a
    cross join (
        select
            count(*) filter (where f.last_seen_at >= p_from or f.is_open)::numeric as seen,
            count(*) filter (where f.is_open)::numeric as open
        from (
            select
                d.last_seen_at,
                coalesce(least(d.cleared_at, d.accepted_at) >= p_to, true) as is_open
            from plumb.audit_findings as d
            where d.first_seen_at < p_to
        ) as f
    ) as f
    cross join (
        -- Findings from before they were recorded one by one, and what an incident still says.
        select
            coalesce(sum(greatest(i.occurrence_count, 1)) filter (where o.opened), 0)::numeric
                as seen,
            coalesce(sum(greatest(i.occurrence_count, 1)) filter (
                where coalesce(coalesce(i.resolved_at, i.closed_at) >= p_to, true)
            ), 0)::numeric as open
        from plumb.incidents as i
        cross join lateral (
            select exists(
                select from plumb.incident_events as e
                where
                    e.incident_id = i.incident_id
                    and e.event in ('opened', 'reopened')
                    and e.occurred_at >= p_from
                    and e.occurred_at < p_to
            ) as opened
        ) as o
        where i.source = 'audit' and i.first_opened_at < p_to
    ) as i
    cross join lateral (values
        ('audit_seals', 'Seals', 'count', s.seal_count),
        ('audit_transactions', 'Transactions sealed', 'count', s.transaction_count),
        ('audit_rows', 'Rows sealed', 'count', s.row_count),
        (
            'audit_findings', 'Findings seen in the period', 'count',
            case when a.verified_at is not null then greatest(f.seen, i.seen) end
        ),
        (
            'audit_findings_open', 'Findings open at the end', 'count',
            case when a.verified_at is not null then greatest(f.open, i.open) end
        ),
        (
            'audit_verified_age_seconds', 'Age of the last verification', 'seconds',
            extract(epoch from p_to - a.verified_at)
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_audit(timestamptz, timestamptz) is
'Volume and verification of the audit log in a period: measure, title, unit, value.';
grant execute on function plumb.summarize_audit(timestamptz, timestamptz) to plumb_reader;
