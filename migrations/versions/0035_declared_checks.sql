-- Every check of the server has a row, not only those with a priority of their own.
set local role plumb_owner;
alter table plumb.database_check_priorities rename to declared_checks;
alter table plumb.declared_checks rename constraint database_check_priorities_pkey
to declared_checks_pkey;
alter table plumb.declared_checks rename constraint database_check_priorities_priority_check
to declared_checks_priority_check;
comment on table plumb.declared_checks is
'Every check of the server, and the priority of the incident that it opens when it is critical.';
reset role;
