-- What the figures mean, in plain words: for each section a status and one or two sentences. What
-- is unknown is said first, because it is not green.
create or replace function plumb.tell_report(p_now jsonb, p_before jsonb)
returns table (section text, title text, status text, sentence text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with f as (
        select
            n.*,
            b.score_average as score_average_before,
            b.violations_found as violations_found_before,
            b.incidents_opened as incidents_opened_before,
            b.security_events as security_events_before,
            b.requests as requests_before,
            b.p95_ms as p95_ms_before,
            b.restore_seconds as restore_seconds_before,
            b.deployments_judged as deployments_judged_before,
            b.audit_rows as audit_rows_before
        from jsonb_to_record(p_now) as n (
            score_last numeric, score_average numeric, score_min numeric,
            safe_mode_seconds numeric, unmeasured_seconds numeric,
            drift_last numeric, drift_min numeric, checks numeric,
            violations_found numeric, violations_cleared numeric, violations_open numeric,
            rows_corrected numeric,
            incidents_opened numeric, incidents_escalated numeric, incidents_ended numeric,
            incidents_healed numeric, incidents_open numeric, incidents_open_p1 numeric,
            mtta_seconds numeric, mttr_seconds numeric,
            security_events numeric, security_events_urgent numeric, clients_blocked numeric,
            requests numeric, error_rate numeric, p95_ms numeric, slow_statements numeric,
            backups_made numeric, backups_failed numeric, drills_valid numeric,
            drills_invalid numeric, valid_backup_age_seconds numeric, restore_seconds numeric,
            deployments_judged numeric, deployments_refused numeric,
            audit_seals numeric, audit_transactions numeric, audit_rows numeric,
            audit_findings numeric, audit_verified_age_seconds numeric
        )
        cross join jsonb_to_record(p_before) as b (
            score_average numeric, violations_found numeric, incidents_opened numeric,
            security_events numeric, requests numeric, p95_ms numeric, restore_seconds numeric,
            deployments_judged numeric, audit_rows numeric
        )
    )

    select s.section, s.title, s.status, concat_ws(' ', variadic s.sentences)
    from f
    cross join lateral (values
        (
            'health',
            'Health',
            case
                when f.score_last is null then 'unknown'
                when f.score_last < 60 then 'bad'
                when f.score_last < 80 or f.safe_mode_seconds > 0 or f.unmeasured_seconds > 0
                    then 'attention'
                else 'good'
            end,
            array[
                case
                    when f.score_average is null
                        then 'Health was never measured in this period.'
                    else format(
                        '%s; its average was %s%s, its lowest %s.',
                        case
                            when f.score_last is null
                                then 'What the score was at the end is unknown'
                            else format(
                                'The score ended at %s',
                                plumb.format_figure(f.score_last, 'points')
                            )
                        end,
                        plumb.format_figure(f.score_average, 'points'),
                        plumb.compare_figures(
                            round(f.score_average, 1), round(f.score_average_before, 1), 'points'
                        ),
                        plumb.format_figure(f.score_min, 'points')
                    )
                end,
                case when f.unmeasured_seconds > 0 and f.score_average is not null then format(
                    'Nobody measured for %s of it: what happened then is unknown.',
                    plumb.format_figure(f.unmeasured_seconds, 'seconds')
                ) end,
                case when f.safe_mode_seconds > 0 then format(
                    'Safe mode stopped all writes for %s.',
                    plumb.format_figure(f.safe_mode_seconds, 'seconds')
                ) end
            ]
        ),
        (
            'integrity',
            'Truth of the data',
            case
                when f.checks is null then 'unknown'
                when f.violations_open > 0 and f.drift_last < 85 then 'bad'
                when f.violations_open > 0 or f.violations_found > 0 then 'attention'
                else 'good'
            end,
            array[
                case
                    when f.checks is null then 'No invariant was checked in this period.'
                    when f.violations_found = 0 and f.violations_open = 0 then format(
                        'Every invariant held in each of %s checks.',
                        plumb.format_figure(f.checks, 'count')
                    )
                    else format(
                        'New violations: %s%s; cleared: %s; open at the end: %s.',
                        plumb.format_figure(f.violations_found, 'count'),
                        plumb.compare_figures(
                            f.violations_found, f.violations_found_before, 'count'
                        ),
                        plumb.format_figure(f.violations_cleared, 'count'),
                        plumb.format_figure(f.violations_open, 'count')
                    )
                end,
                case when f.rows_corrected > 0 then format(
                    'Corrected without a person: %s rows, each kept in quarantine.',
                    plumb.format_figure(f.rows_corrected, 'count')
                ) end
            ]
        ),
        (
            'incidents',
            'Incidents',
            case
                when f.incidents_opened is null then 'unknown'
                when f.incidents_open_p1 > 0 then 'bad'
                when f.incidents_open > 0 or f.incidents_opened > 0 then 'attention'
                else 'good'
            end,
            array[
                case
                    when f.incidents_opened is null then 'Nobody looked, so none is known.'
                    else format(
                        'Opened: %s%s; healed without a person: %s; escalated: %s; open at the'
                        ' end: %s.',
                        plumb.format_figure(f.incidents_opened, 'count'),
                        plumb.compare_figures(
                            f.incidents_opened, f.incidents_opened_before, 'count'
                        ),
                        plumb.format_figure(f.incidents_healed, 'count'),
                        plumb.format_figure(f.incidents_escalated, 'count'),
                        plumb.format_figure(f.incidents_open, 'count')
                    )
                end,
                case when f.mttr_seconds is not null then format(
                    'It took %s on average until one was over.',
                    plumb.format_figure(f.mttr_seconds, 'seconds')
                ) end,
                case when f.mtta_seconds is not null then format(
                    'A person acknowledged after %s on average.',
                    plumb.format_figure(f.mtta_seconds, 'seconds')
                ) end
            ]
        ),
        (
            'security',
            'Security',
            case
                when f.security_events is null and f.clients_blocked is null then 'unknown'
                when f.security_events_urgent > 0 then 'bad'
                when f.security_events > 0 or f.clients_blocked > 0 then 'attention'
                else 'good'
            end,
            array[
                case
                    when f.security_events is null and f.clients_blocked is null
                        then 'Nobody looked, so no attack is known.'
                    else format(
                        'Events: %s%s, urgent: %s; clients blocked: %s.',
                        plumb.format_figure(f.security_events, 'count'),
                        plumb.compare_figures(
                            f.security_events, f.security_events_before, 'count'
                        ),
                        plumb.format_figure(f.security_events_urgent, 'count'),
                        plumb.format_figure(f.clients_blocked, 'count')
                    )
                end
            ]
        ),
        (
            'performance',
            'Performance',
            case
                when f.requests is null then 'unknown'
                when f.error_rate > 0.03 then 'bad'
                when f.slow_statements > 0 then 'attention'
                else 'good'
            end,
            array[
                case
                    when f.requests is null then 'Nobody reported requests in this period.'
                    when f.requests = 0 then 'There were no requests.'
                    else format(
                        '%s requests%s; %s failed; the slowest twentieth took longer than %s%s.',
                        plumb.format_figure(f.requests, 'count'),
                        plumb.compare_figures(f.requests, f.requests_before, 'count'),
                        plumb.format_figure(f.error_rate, 'ratio'),
                        plumb.format_figure(f.p95_ms, 'ms'),
                        plumb.compare_figures(
                            round(f.p95_ms, 1), round(f.p95_ms_before, 1), 'ms'
                        )
                    )
                end,
                case when f.slow_statements > 0 then format(
                    'Statements that are new or slower than before: %s.',
                    plumb.format_figure(f.slow_statements, 'count')
                ) end
            ]
        ),
        (
            'backups',
            'Backups',
            case
                when f.valid_backup_age_seconds is null then 'unknown'
                when f.drills_invalid > 0 or f.valid_backup_age_seconds > 86400 then 'bad'
                when f.backups_failed > 0 then 'attention'
                else 'good'
            end,
            array[
                format(
                    'Made: %s, failed: %s; restore drills passed: %s, failed: %s.',
                    plumb.format_figure(f.backups_made, 'count'),
                    plumb.format_figure(f.backups_failed, 'count'),
                    plumb.format_figure(f.drills_valid, 'count'),
                    plumb.format_figure(f.drills_invalid, 'count')
                ),
                case
                    when f.valid_backup_age_seconds is null
                        then 'No backup was ever proven by restoring it.'
                    else format(
                        'The newest proven backup was %s old at the end.',
                        plumb.format_figure(f.valid_backup_age_seconds, 'seconds')
                    )
                end,
                case when f.restore_seconds is not null then format(
                    'Restoring takes %s%s.',
                    plumb.format_figure(f.restore_seconds, 'seconds'),
                    plumb.compare_figures(
                        round(f.restore_seconds, 1), round(f.restore_seconds_before, 1), 'seconds'
                    )
                ) end
            ]
        ),
        (
            'deployments',
            'Deployments',
            case when f.deployments_refused > 0 then 'attention' else 'good' end,
            array[
                case
                    when f.deployments_judged = 0 then 'There were none.'
                    else format(
                        'Judged: %s%s; refused by a gate: %s.',
                        plumb.format_figure(f.deployments_judged, 'count'),
                        plumb.compare_figures(
                            f.deployments_judged, f.deployments_judged_before, 'count'
                        ),
                        plumb.format_figure(f.deployments_refused, 'count')
                    )
                end
            ]
        ),
        (
            'audit',
            'Audit log',
            case
                when f.audit_findings is null then 'unknown'
                when f.audit_findings > 0 then 'bad'
                else 'good'
            end,
            array[
                format(
                    '%s rows%s of %s transactions were sealed.',
                    plumb.format_figure(f.audit_rows, 'count'),
                    plumb.compare_figures(f.audit_rows, f.audit_rows_before, 'count'),
                    plumb.format_figure(f.audit_transactions, 'count')
                ),
                case
                    when f.audit_findings is null then 'The log was not verified yet.'
                    when f.audit_findings = 0 then format(
                        'The last verification, %s before the end, found nothing wrong.',
                        plumb.format_figure(f.audit_verified_age_seconds, 'seconds')
                    )
                    else format(
                        'The last verification found %s places that are not what was written.',
                        plumb.format_figure(f.audit_findings, 'count')
                    )
                end
            ]
        )
    ) as s (section, title, status, sentences)
$$;
comment on function plumb.tell_report(jsonb, jsonb) is
'Sections of a report in words, from its figures and those of the period before; status is good,
attention, bad or unknown.';
grant execute on function plumb.tell_report(jsonb, jsonb) to plumb_reader;
