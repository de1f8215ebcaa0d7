-- Seals and checks now what a deployment has written, so that it need not wait for the next run of
-- the job.
create or replace function plumb.check_deployment_drift()
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.seal_audit();
    return plumb.run_invariant_cycle();
end;
$$;
comment on function plumb.check_deployment_drift() is
'Seal the log and check the invariants that it concerns, for a deployment; says how it went.';
grant execute on function plumb.check_deployment_drift() to plumb_operator;
