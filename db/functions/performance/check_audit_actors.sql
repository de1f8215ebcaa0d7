-- Counts the captured tables with rows in the log that have no actor: the trigger that says who
-- writes was off while they were written.
create or replace function plumb.check_audit_actors()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'audit_actors',
        count(*),
        'tables',
        coalesce(
            string_agg(format('%s: %s', f.relation, f.actual), ', ' order by f.relation),
            'every row of a captured table has its actor'
        ),
        'select * from plumb.audit_log where actor = ''''; then select plumb.accept_finding(…);'
    )
    from plumb.audit_findings as f
    where f.kind = 'actor_missing' and f.cleared_at is null and f.accepted_at is null
$$;
comment on function plumb.check_audit_actors() is
'Captured tables with rows of which the log does not know who wrote them.';
grant execute on function plumb.check_audit_actors() to plumb_reader;
