-- Both take the longest timeout of the jobs they are about.
drop procedure if exists plumb.run_due_jobs();
drop function if exists plumb.due_jobs();

alter table plumb.job_runs add column started_by text;
