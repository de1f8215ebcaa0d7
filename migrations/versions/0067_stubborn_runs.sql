-- Whether an overdue run obeys is told as well.
drop function if exists plumb.overdue_runs();
