-- Opens an incident when the newest valid backup is too old: a run that did not take place reports
-- nothing. Where no backup was ever configured, health says unknown and no incident opens.
create or replace function plumb.judge_backup_age()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_limit constant interval := plumb.setting_interval('backup_age_seconds_max');
    v_newest timestamptz;
    v_expected_since timestamptz;
    v_title text;
begin
    select max(p.taken_at) into v_newest
    from plumb.proven_backups() as p
    where p.status = 'valid' and p.taken_at <= plumb.current_time() + interval '1 minute';
    select min(b.started_at) into v_expected_since from plumb.backups as b;
    if coalesce(v_newest, v_expected_since) is null then
        return 'no backup was ever begun';
    end if;
    if coalesce(v_newest, v_expected_since) + v_limit >= plumb.current_time() then
        if v_newest is null then
            return 'no backup is proven yet';
        end if;
        perform plumb.resolve_incident(
            'backup', 'age', format('the newest valid backup is of %s', v_newest)
        );
        return format('the newest valid backup is of %s', v_newest);
    end if;
    -- Not format(): it would leave a hole where the age is null.
    v_title := coalesce(
        'the newest valid backup is '
        || round(extract(epoch from plumb.current_time() - v_newest) / 3600) || ' h old',
        'no backup was ever proven valid'
    );
    perform plumb.open_incident(
        'backup',
        'age',
        plumb.setting('backup_incident_priority'),
        v_title,
        format('At most %s s are allowed.', plumb.setting('backup_age_seconds_max')),
        1,
        plumb.setting('runbook_base_url') || 'backup.md'
    );
    return v_title;
end;
$$;
comment on function plumb.judge_backup_age() is
'Open or resolve incident backup/age by the newest valid backup; says how old it is.';
grant execute on function plumb.judge_backup_age() to plumb_operator;
