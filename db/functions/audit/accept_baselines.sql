-- Accepts the events of all tables at once, as after a migration that changed many.
create or replace function plumb.accept_baselines(p_by text, p_reason text)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.accept_findings(
        array(
            select f.audit_finding_id
            from plumb.audit_findings as f
            where f.source = 'event' and f.cleared_at is null and f.accepted_at is null
        ),
        p_by,
        p_reason
    )
$$;
comment on function plumb.accept_baselines(text, text) is
'Accept new baselines and other events of all audited tables; the log records who and why.';
grant execute on function plumb.accept_baselines(text, text) to plumb_operator;
