-- Records a drill and judges it. The verdict is made here, wherever the drill took place: the
-- machine that holds the private key reports the tiers, and this function judges them.
create or replace function plumb.record_validation(
    p_backup_name text,
    p_tiers jsonb,
    p_started_at timestamptz,
    p_restore_seconds double precision default null,
    p_validated_on text default ''
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_backup plumb.backups;
    v_status text;
    v_reason text;
begin
    select b.* into v_backup from plumb.backups as b where b.backup_name = p_backup_name;
    if not found then
        raise exception 'there is no backup %', quote_nullable(p_backup_name)
            using errcode = 'PL001', hint = 'select backup_name from plumb.backups;';
    end if;
    if jsonb_typeof(p_tiers) is distinct from 'array' or exists (
        select
        from jsonb_array_elements(p_tiers) as t (tier)
        where
            t.tier ->> 'tier' is null
            or coalesce(t.tier ->> 'status', '')
            not in ('passed', 'failed', 'unknown', 'skipped')
    ) then
        raise exception 'tiers are not what they must be: %', p_tiers
            using errcode = 'PL002',
            hint = '[{"tier": "checksum", "status": "passed", "seconds": 1, "evidence": "…"}]; '
            'a status is passed, failed, unknown or skipped.';
    end if;
    select j.status, j.reason
    into v_status, v_reason
    from plumb.judge_tiers(v_backup.tool, p_tiers) as j;
    insert into plumb.backup_validations (
        backup_name, tool, status, size_bytes, sha256, taken_at, restore_seconds, tiers, reason,
        validated_on, started_at, finished_at
    )
    values (
        p_backup_name, v_backup.tool, v_status, v_backup.size_bytes, v_backup.sha256,
        v_backup.taken_at, p_restore_seconds, p_tiers, left(v_reason, 2000), p_validated_on,
        p_started_at, plumb.current_time()
    );
    if v_status = 'valid' then
        perform plumb.resolve_incident(
            'backup', 'validation', format('backup %s is valid', p_backup_name)
        );
        perform plumb.judge_backup_age();
    elsif
        v_status = 'unknown'
        and p_tiers @> '[{"tier": "decrypted", "status": "unknown"}]'
        and not p_tiers @> '[{"tier": "restored"}]'
    then
        -- Its private key is elsewhere, where it will be proven; until then its age is watched.
        perform plumb.judge_backup_age();
    else
        perform plumb.open_incident(
            'backup',
            'validation',
            plumb.setting('backup_incident_priority'),
            case v_status
                when 'invalid' then 'a backup failed its restore drill'
                else 'a backup could not be proven'
            end,
            format('%s: %s', p_backup_name, left(v_reason, 2000)),
            1,
            plumb.setting('runbook_base_url') || 'backup.md'
        );
    end if;
    return v_status;
end;
$$;
comment on function plumb.record_validation(text, jsonb, timestamptz, double precision, text) is
'Record what a drill proved, tier by tier; returns valid, invalid or unknown.';
grant execute on function plumb.record_validation(
    text, jsonb, timestamptz, double precision, text
) to plumb_operator;
