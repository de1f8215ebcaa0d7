-- Returns what the page of backups shows: each backup with its worth, the tiers of the newest
-- drill, and how long restores took.
create or replace function plumb.describe_backups_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with newest as (
        select v.backup_validation_id, v.backup_name, v.finished_at, v.tiers
        from plumb.backup_validations as v
        where v.finished_at is not null
        order by v.finished_at desc, v.backup_validation_id desc
        limit 1
    )

    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'backups', (
            select coalesce(json_agg(to_jsonb(b)), '[]')
            from (select s.* from plumb.backup_status as s limit 30) as b
        ),
        'drilled', (select n.backup_name from newest as n),
        'tiers', coalesce((select n.tiers from newest as n), '[]'),
        'restores', (
            select coalesce(json_agg(to_jsonb(r) order by r.finished_at), '[]')
            from (
                select
                    v.backup_name,
                    v.finished_at,
                    round(v.restore_seconds::numeric, 1) as restore_seconds
                from plumb.backup_validations as v
                where v.restore_seconds is not null and v.finished_at is not null
                order by v.finished_at desc
                limit 60
            ) as r
        )
    )
$$;
comment on function plumb.describe_backups_page() is
'The newest backups with their worth, the tiers of the newest drill and restore times, as JSON.';
grant execute on function plumb.describe_backups_page() to plumb_reader;
