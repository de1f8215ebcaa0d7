-- The page of jobs shows the runs that failed last, among hundreds of thousands that did not.
create index job_runs_failed_idx on plumb.job_runs (job_run_id) where result = 'failed';
