-- Lets this transaction change guarded tables.
insert into plumb.guarded_ddl_permits (transaction_id)
select pg_current_xact_id() on conflict do nothing
