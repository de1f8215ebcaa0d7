"""The SQL that `plumb migrate` re-applies: functions, views, triggers, invariants, jobs."""
