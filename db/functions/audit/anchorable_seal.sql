-- Returns the newest seal that may be anchored: one that no failover can lose. Where there are
-- synchronous standbys, a commit is not seen before they have it, except in two cases: the wait was
-- cancelled, or the server crashed during it. With an anchor of such a seal, a promoted standby
-- would seem to have lost data that was never confirmed to a client. So the standbys are asked.
create or replace function plumb.anchorable_seal()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_standbys constant text := current_setting('synchronous_standby_names');
    -- 2 of `FIRST 2 (a, b, c)`, `ANY 2 (…)` and `2 (…)`; a plain list asks for one.
    v_needed constant integer := coalesce(
        substring(lower(v_standbys) from '^\s*(?:(?:any|first)\s+)?(\d+)\s*\('), '1'
    )::integer;
    v_seal_id constant bigint := (select max(s.seal_id) from plumb.seals as s);
    -- Behind the commit of every seal that is visible by now, and reached while nobody writes:
    -- the position of the next insert would not be.
    v_position constant pg_lsn := pg_current_wal_flush_lsn();
    v_until constant timestamptz := clock_timestamp()
    + plumb.setting_interval('audit_anchor_seconds_max');
begin
    if v_seal_id is null then
        raise exception 'the audit log has no genesis'
            using errcode = 'PL005', hint = 'select plumb.open_audit_log();';
    elsif btrim(v_standbys) = '' then
        return v_seal_id;
    end if;
    while (
        select count(*) < v_needed
        from pg_stat_replication as r
        where r.sync_state in ('sync', 'quorum') and r.flush_lsn >= v_position
    ) loop
        if clock_timestamp() >= v_until then
            return null;
        end if;
        perform pg_sleep(0.05);
    end loop;
    return v_seal_id;
end;
$$;
comment on function plumb.anchorable_seal() is
'The newest seal, once all synchronous standbys have it; null when they do not get it in time.';
