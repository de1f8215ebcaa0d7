-- Measures how long ago the WAL was read into the audit log: what was not read yet is lost when the
-- slot is.
create or replace function plumb.check_audit_capture_lag()
returns plumb.database_check
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.judge_check(
        'audit_capture_lag',
        coalesce(max(extract(epoch from clock_timestamp() - c.captured_at)), 0),
        's',
        case count(*)
            when 0 then 'no table is captured from the WAL'
            else format('the last reading took %s s', round(max(c.read_seconds), 1))
        end,
        'Look at the job: select * from plumb.cron_status where job_name = ''audit-capture'';'
    )
    from plumb.audit_capture as c
$$;
comment on function plumb.check_audit_capture_lag() is
'Seconds since the WAL was read into the audit log; 0 when no table is captured.';
grant execute on function plumb.check_audit_capture_lag() to plumb_reader;
