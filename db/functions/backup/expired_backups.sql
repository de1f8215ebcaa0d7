-- Lists the backups that may be removed. Kept are the newest few, the newest of each of the last
-- weeks, and the newest valid one however old it is, because a proven backup is worth more than a
-- new one.
create or replace function plumb.expired_backups()
returns table (backup_name text, location text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with ranked as (
        select
            b.backup_name,
            b.location,
            b.taken_at,
            row_number() over (order by b.taken_at desc) as position,
            row_number() over (
                partition by date_trunc('week', b.taken_at) order by b.taken_at desc
            ) as week_position
        from plumb.backups as b
        where b.tool = 'plumb' and b.status = 'finished' and b.pruned_at is null
    ),

    newest_valid as (
        select v.backup_name
        from plumb.backup_validations as v
        inner join ranked as r on r.backup_name = v.backup_name
        where v.status = 'valid'
        order by v.taken_at desc
        limit 1
    )

    select r.backup_name, r.location
    from ranked as r
    where
        r.position > greatest(plumb.setting_number('backup_keep_count'), 1)
        and not (
            r.week_position = 1
            and r.taken_at > plumb.current_time() - plumb.setting_interval('backup_keep_weeks')
        )
        and r.backup_name not in (select n.backup_name from newest_valid as n)
    order by r.taken_at
$$;
comment on function plumb.expired_backups() is
'Our backups that backup_keep_count and backup_keep_weeks no longer ask to keep.';
grant execute on function plumb.expired_backups() to plumb_reader;
