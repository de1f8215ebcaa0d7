-- The last run of each job is read with every health report. The planner took this index for it
-- and walked back through all the other jobs' runs, to the beginning for a job that never ran:
-- 90 ms after two weeks. Who prunes old runs walks the primary key, whose order is the same.
drop index plumb.job_runs_started_at_idx;

-- Blocking and unblocking are told by whom, since HTTP does both for a person it names.
drop function if exists plumb.block_client(text, text, integer, text);
drop function if exists plumb.unblock_client(text);
