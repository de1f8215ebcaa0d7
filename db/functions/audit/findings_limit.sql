-- Returns how many findings of one kind a verification lists. Accepted ones are found again each
-- time, and must not take the place of new ones.
create or replace function plumb.findings_limit()
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.setting_number('audit_findings_max')::bigint + (
        select count(*)
        from plumb.audit_findings as f
        where f.accepted_at is not null and f.cleared_at is null
    )
$$;
comment on function plumb.findings_limit() is
'audit_findings_max, and one more for each accepted finding.';
grant execute on function plumb.findings_limit() to plumb_reader;
