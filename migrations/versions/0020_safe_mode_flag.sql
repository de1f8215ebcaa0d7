-- The flag of safe mode holds the number of the transaction that engaged it, so that transactions
-- with an older snapshot can be refused without a lock.
set local role plumb_owner;
alter sequence plumb.safe_mode_flag as bigint maxvalue 9223372036854775807;
comment on sequence plumb.safe_mode_flag is
'Above 0 while safe mode may be on: the transaction that engaged it; the truth is system_mode.';
reset role;
