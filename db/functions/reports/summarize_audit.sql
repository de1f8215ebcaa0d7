-- What the audit log took in, by its seals: they count, so that no report reads the log itself.
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
    left join plumb.audit_verification as a on a.verified_at < p_to
    cross join lateral (values
        ('audit_seals', 'Seals', 'count', s.seal_count),
        ('audit_transactions', 'Transactions sealed', 'count', s.transaction_count),
        ('audit_rows', 'Rows sealed', 'count', s.row_count),
        ('audit_findings', 'Findings of the last verification', 'count', a.finding_count),
        (
            'audit_verified_age_seconds', 'Age of the last verification', 'seconds',
            extract(epoch from p_to - a.verified_at)
        )
    ) as v (measure, title, unit, value)
$$;
comment on function plumb.summarize_audit(timestamptz, timestamptz) is
'Volume and verification of the audit log in a period: measure, title, unit, value.';
grant execute on function plumb.summarize_audit(timestamptz, timestamptz) to plumb_reader;
