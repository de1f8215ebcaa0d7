-- Lists the result of every check of the server, one row each.
create view plumb.database_checks as
select
    c.check_name, c.status, c.value, c.threshold, c.unit, c.why, c.remedy
from plumb.check_server() as c;
comment on view plumb.database_checks is
'Checks of the server: status ok, warning, critical or unknown, with value, threshold and remedy.';
comment on column plumb.database_checks.check_name is 'The name of the check.';
comment on column plumb.database_checks.status is 'ok, warning, critical or unknown.';
comment on column plumb.database_checks.value is 'The measured value.';
comment on column plumb.database_checks.threshold is 'The limit that the value is compared with.';
comment on column plumb.database_checks.unit is 'The unit of the value.';
comment on column plumb.database_checks.why is 'Why it has this status.';
comment on column plumb.database_checks.remedy is 'What to do about it.';
