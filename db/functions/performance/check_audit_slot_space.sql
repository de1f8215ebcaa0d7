-- Checks how much WAL the server may keep for the audit log. Past max_slot_wal_keep_size it removes
-- WAL that was not read; without that limit it removes none, and the disk fills up.
create or replace function plumb.check_audit_slot_space()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'audit_slot_space',
        coalesce(100 * s.kept_mb / l.limit_mb, 0),
        '%',
        case
            when s.kept_mb is null then 'no WAL is kept for the audit log'
            else format(
                '%s MB of WAL are kept for the audit log, of %s MB (%s)',
                round(s.kept_mb), l.limit_mb, l.name
            )
        end,
        'Look for old transactions and for the job audit-capture; raise max_slot_wal_keep_size.'
    )
    from (
        select
            case when k.size_mb < 0 then 'audit_slot_mb_max' else 'max_slot_wal_keep_size' end
                as name,
            case
                when k.size_mb < 0 then plumb.setting_number('audit_slot_mb_max')
                else k.size_mb
            end as limit_mb
        from (
            select g.setting::numeric as size_mb
            from pg_settings as g
            where g.name = 'max_slot_wal_keep_size'
        ) as k
    ) as l
    left join (
        select
            (case
                when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn()
            end - r.restart_lsn) / 1048576.0 as kept_mb
        from pg_replication_slots as r
        where r.slot_name = plumb.slot_name()
    ) as s on true
$$;
comment on function plumb.check_audit_slot_space() is
'WAL kept for the audit log, in percent of what may be kept.';
grant execute on function plumb.check_audit_slot_space() to plumb_reader;
