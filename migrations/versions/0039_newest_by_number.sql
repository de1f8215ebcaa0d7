-- The newest run and check are those with the highest number, whatever the clock said. NULLS LAST,
-- so that PostgreSQL does not walk through the primary key instead, past all other jobs.
create index job_runs_job_name_job_run_id_idx
on plumb.job_runs (job_name, job_run_id desc nulls last);
create index invariant_checks_invariant_invariant_check_id_idx
on plumb.invariant_checks (invariant, invariant_check_id desc nulls last);
