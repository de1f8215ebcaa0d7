-- What is read from the WAL becomes blocks at once, which only wait for a seal.
set local role plumb_owner;

create table plumb.audit_captured (
    txid xid8 not null,
    first_n integer not null,
    row_count integer not null,
    keys integer[] not null,
    lines text not null,
    salts bytea not null,
    digests bytea not null,
    block_hash bytea not null
);
comment on table plumb.audit_captured is
'Blocks of rows that were read from the WAL and that no seal has taken yet.';
alter table plumb.audit_captured alter salts set storage external;
alter table plumb.audit_captured alter digests set storage external;
do $$
begin
    alter table plumb.audit_captured alter lines set compression lz4;
exception
    when feature_not_supported then null;
end;
$$;
-- Every few seconds all of it is dead: it must be swept before it grows.
alter table plumb.audit_captured set (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 2000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 1000000,
    autovacuum_vacuum_cost_delay = 0
);
revoke select on plumb.audit_captured from plumb_reader;

reset role;

drop function if exists plumb.py_read_changes(bigint, bigint, bytea, jsonb, integer, pg_lsn);
drop function if exists plumb.seal_blocks(bigint, bytea, xid8);
