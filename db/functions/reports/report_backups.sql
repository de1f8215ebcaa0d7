-- Writes a section of the executive report in words: backups, restore drills and the age of the
-- newest valid backup.
create or replace function plumb.report_backups(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.valid_backup_age_seconds is null then 'unknown'
            when n.backup_incidents_open > 0 or n.valid_backup_age_seconds > 86400 then 'bad'
            when n.backups_failed > 0 or n.drills_invalid > 0 then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            format(
                'Made: %s, failed: %s; restore drills passed: %s, failed: %s.',
                plumb.format_figure(n.backups_made, 'count'),
                plumb.format_figure(n.backups_failed, 'count'),
                plumb.format_figure(n.drills_valid, 'count'),
                plumb.format_figure(n.drills_invalid, 'count')
            ),
            case
                when n.valid_backup_age_seconds is null
                    then 'No backup was ever proven by restoring it.'
                else format(
                    'The newest proven backup was %s old at the end.',
                    plumb.format_figure(n.valid_backup_age_seconds, 'seconds')
                )
            end,
            case when n.restore_seconds is not null then format(
                'Restoring takes %s%s.',
                plumb.format_figure(n.restore_seconds, 'seconds'),
                plumb.compare_figures(
                    round(n.restore_seconds, 1), round(b.restore_seconds, 1), 'seconds'
                )
            ) end
        )
    from jsonb_to_record(p_now) as n (
        backup_incidents_open numeric, backups_failed numeric, backups_made numeric,
        drills_invalid numeric, drills_valid numeric, restore_seconds numeric,
        valid_backup_age_seconds numeric
    )
    cross join jsonb_to_record(p_before) as b (
        restore_seconds numeric
    )
$$;
comment on function plumb.report_backups(jsonb, jsonb) is
'Section backups of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_backups(jsonb, jsonb) from public;
