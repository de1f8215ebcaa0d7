-- Lists the important events of a period, the most severe first, each as a clause of a sentence: a
-- headline "all is in order" must not stand above a release that was rolled back.
create or replace function plumb.report_events(p_figures jsonb)
returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select e.clause
    from jsonb_to_record(p_figures) as n (
        audit_findings numeric, backups_failed numeric, deployments_inconclusive numeric,
        deployments_refused numeric, deployments_rolled_back numeric, drills_invalid numeric,
        incidents_escalated numeric, incidents_opened numeric, safe_mode_seconds numeric,
        security_events_urgent numeric, violations_found numeric
    )
    cross join lateral (
        values
        (1, n.audit_findings, plumb.counted(
            n.audit_findings,
            'place of the audited data or its log was not as written',
            'places of the audited data or its log were not as written'
        )),
        (2, n.deployments_rolled_back, plumb.counted(
            n.deployments_rolled_back, 'deployment was rolled back', 'deployments were rolled back'
        )),
        (3, n.safe_mode_seconds, format(
            'safe mode stopped all writes for %s',
            plumb.format_figure(n.safe_mode_seconds, 'seconds')
        )),
        (4, n.backups_failed, plumb.counted(
            n.backups_failed, 'backup failed', 'backups failed'
        )),
        (5, n.drills_invalid, plumb.counted(
            n.drills_invalid, 'restore drill failed', 'restore drills failed'
        )),
        (6, n.incidents_escalated, plumb.counted(
            n.incidents_escalated,
            'incident was escalated to a person',
            'incidents were escalated to a person'
        )),
        (7, n.violations_found, plumb.counted(
            n.violations_found, 'row violated an invariant', 'rows violated an invariant'
        )),
        (8, n.security_events_urgent, plumb.counted(
            n.security_events_urgent, 'urgent security event was seen',
            'urgent security events were seen'
        )),
        (9, n.deployments_inconclusive, plumb.counted(
            n.deployments_inconclusive,
            'deployment was applied without a verdict',
            'deployments were applied without a verdict'
        )),
        (10, n.deployments_refused, plumb.counted(
            n.deployments_refused, 'deployment was refused', 'deployments were refused'
        )),
        (11, n.incidents_opened, plumb.counted(
            n.incidents_opened, 'incident opened', 'incidents opened'
        ))
    ) as e (position, value, clause)
    where e.value > 0
    order by e.position
$$;
comment on function plumb.report_events(jsonb) is
'What happened in a period, by its figures: one clause for each kind, the gravest first.';
grant execute on function plumb.report_events(jsonb) to plumb_reader;
