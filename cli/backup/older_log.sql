-- Gives the audit log of a copy that an earlier version wrote the names of this one: it had no
-- blocks, and its rows stood in plumb.audit_log. Nothing but the copy of a drill is changed.
alter table plumb.audit_log rename to audit_rows;
alter table plumb.seals add column block_count integer;
create table plumb.audit_blocks (
    seal_id bigint,
    block_number integer,
    txid xid8,
    format smallint,
    first_n integer,
    row_count integer,
    keys integer[],
    lines text,
    salts bytea,
    digests bytea,
    block_hash bytea,
    prev_hash bytea,
    link_hash bytea
);
create table plumb.audit_intake (
    position bigint,
    txid xid8,
    op text,
    relation text,
    key text,
    old_row jsonb,
    new_row jsonb
);
