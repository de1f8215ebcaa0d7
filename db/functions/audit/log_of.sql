-- Lists the rows of the log about one key, or (null) about a table as a whole, found by an index;
-- with a seal, only those that came after it. An UPDATE that changed the key is about both keys.
-- Inlined.
create or replace function plumb.log_of(
    p_relation text, p_record_key text, p_after_seal bigint default null
)
returns table (
    seal_id bigint,
    base_seal bigint,
    txid xid8,
    "position" bigint, -- noqa: RF06
    n integer,
    format smallint,
    occurred_at timestamptz,
    op text,
    relation text,
    record_key text,
    new_key text,
    actor text,
    app_user text,
    old_row jsonb,
    new_row jsonb
)
language sql
stable
rows 20
as $$
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_chains_log as l
    where
        l.relation = p_relation
        and l.record_key = p_record_key
        and (p_after_seal is null or l.seal_id > p_after_seal or l.seal_id is null)
    union all
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_chains_log as l
    where
        l.relation = p_relation
        and l.record_key is null
        and p_record_key is null
        and l.op not in ('INSERT', 'UPDATE', 'DELETE')
        and (p_after_seal is null or l.seal_id > p_after_seal or l.seal_id is null)
    union all
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_blocks_log as l
    where
        l.keys operator(pg_catalog.@>) array[plumb.key_number(p_relation, p_record_key)]
        and l.seal_id > coalesce(p_after_seal, -1)
        and l.relation = p_relation
        and (
            l.record_key is not distinct from p_record_key
            or l.new_key = p_record_key
        )
        and (p_record_key is not null or l.op not in ('INSERT', 'UPDATE', 'DELETE'))
    union all
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_captured_log as l
    where
        l.keys operator(pg_catalog.@>) array[plumb.key_number(p_relation, p_record_key)]
        and l.relation = p_relation
        and (
            l.record_key is not distinct from p_record_key
            or l.new_key = p_record_key
        )
        and (p_record_key is not null or l.op not in ('INSERT', 'UPDATE', 'DELETE'))
    union all
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_intake_log as l
    where
        l.relation = p_relation
        and (
            l.record_key is not distinct from p_record_key
            or l.new_key = p_record_key
        )
        and (p_record_key is not null or l.op not in ('INSERT', 'UPDATE', 'DELETE'))
$$;
comment on function plumb.log_of(text, text, bigint) is
'The log of one key (null: of the table as a whole), of all time or after a seal.';
grant execute on function plumb.log_of(text, text, bigint) to plumb_auditor;
