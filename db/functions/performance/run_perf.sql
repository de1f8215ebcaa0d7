-- Runs the job perf: takes the samples, runs all checks, and opens an incident for what is critical
-- or worse than its own past; the incident resolves when that is over.
create or replace function plumb.run_perf()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_check record;
    v_bad bigint := 0;
begin
    perform plumb.sample_memory();
    perform plumb.sample_statements();
    for v_check in
        with looked as materialized (
            select c.* from plumb.database_checks as c
        ),

        kept as (
            insert into plumb.database_check_results as k (
                check_name, status, value, unit, checked_at
            )
            select l.check_name, l.status, l.value, l.unit, plumb.current_time()
            from looked as l
            on conflict (check_name) do update
            set
                status = excluded.status,
                value = excluded.value,
                unit = excluded.unit,
                checked_at = excluded.checked_at
        )

        select c.*, d.priority
        from looked as c
        inner join plumb.declared_checks as d on d.check_name = c.check_name
    loop
        if v_check.status = 'critical' then
            v_bad := v_bad + 1;
            perform plumb.open_incident(
                'database-check',
                v_check.check_name,
                v_check.priority,
                -- Units that count something are plurals.
                format('%s: %s', v_check.check_name, plumb.counted(
                    trim_scale(v_check.value),
                    regexp_replace(v_check.unit, '(?<=x)es$|(?<=.)s$', ''),
                    v_check.unit
                )),
                concat_ws('. ', v_check.why, v_check.remedy),
                1,
                plumb.setting('runbook_base_url') || 'database-check.md'
            );
        elsif v_check.status <> 'unknown' then
            perform plumb.resolve_incident(
                'database-check', v_check.check_name,
                format('%s is %s', v_check.check_name, v_check.status)
            );
        end if;
    end loop;
    return format(
        '%s critical, %s slow, %s slow',
        plumb.counted(v_bad, 'check'),
        plumb.counted(plumb.judge_statements(), 'statement'),
        plumb.counted(plumb.judge_latency(), 'route')
    );
end;
$$;
comment on function plumb.run_perf() is 'Sample, check and judge performance; says how it went.';
grant execute on function plumb.run_perf() to plumb_worker;
