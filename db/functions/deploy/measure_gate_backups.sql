-- Measures the gate BACKUP_FRESHNESS: the newest valid backup is young enough.
create or replace function plumb.measure_gate_backups()
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with backup as (
        select
            count(*) as proven_count,
            extract(
                epoch from plumb.current_time() - max(p.taken_at) filter (where p.status = 'valid')
            ) / 3600 as age_hours,
            plumb.setting_number('gate_backup_age_hours_max') as age_hours_max
        from plumb.proven_backups() as p
    )

    select
        'BACKUP_FRESHNESS',
        trunc(b.age_hours, 1) || ' h',
        format('< %s h', b.age_hours_max),
        case
            when b.proven_count = 0 then 'unknown'
            -- A manifest may be forged or its clock be wrong; five minutes are forgiven.
            when b.age_hours < -5.0 / 60 then 'unknown'
            when b.age_hours < b.age_hours_max then 'pass'
            else 'fail'
        end,
        case
            when b.proven_count = 0 then 'no backup was ever proven'
            when b.age_hours is null then 'every backup that was tried is invalid'
            when b.age_hours < -5.0 / 60 then 'the last valid backup says it is of the future'
            else format('the last valid backup is %s h old', trunc(b.age_hours, 1))
        end
    from backup as b
$$;
comment on function plumb.measure_gate_backups() is
'Gate: the newest valid backup is young enough.';
revoke execute on function plumb.measure_gate_backups() from public;
