-- Runs the job invariants: checks what changed and returns the result in one line. Health is scored
-- at its end, so that what was found does not wait for the next run of the job health.
create or replace function plumb.run_invariant_cycle()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_report text;
begin
    perform plumb.enable_due_invariants();
    select
        format(
            '%s hold, %s violated, %s unknown',
            count(*) filter (where c.status = 'holds'),
            count(*) filter (where c.status = 'violated'),
            count(*) filter (where c.status = 'unknown')
        )
    into v_report
    from plumb.check_invariants('cycle') as c;
    perform plumb.score_health();
    return v_report;
end;
$$;
comment on function plumb.run_invariant_cycle() is 'Check what changed; says how it went.';
grant execute on function plumb.run_invariant_cycle() to plumb_worker;
