-- Returns the log of a table after a seal, what is not sealed yet included; all of it after null.
-- Format 1 is not looked at when all of it came before. Inlined.
create or replace function plumb.log_of_table(p_relation text, p_after_seal bigint default null)
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
as $$
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_chains_log as l
    where
        l.relation = p_relation
        and (
            p_after_seal is null
            or (
                p_after_seal < (select max(s.seal_id) from plumb.seals as s where s.format = 1)
                and (l.seal_id > p_after_seal or l.seal_id is null)
            )
        )
    union all
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_blocks_log as l
    where
        l.keys operator(pg_catalog.@>) array[plumb.table_number(p_relation)]
        and l.seal_id > coalesce(p_after_seal, -1)
        and l.relation = p_relation
    union all
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_captured_log as l
    where
        l.keys operator(pg_catalog.@>) array[plumb.table_number(p_relation)]
        and l.relation = p_relation
    union all
    select
        l.seal_id, l.base_seal, l.txid, l.position, l.n, l.format, l.occurred_at, l.op, l.relation,
        l.record_key, l.new_key, l.actor, l.app_user, l.old_row, l.new_row
    from plumb.audit_intake_log as l
    where l.relation = p_relation
$$;
comment on function plumb.log_of_table(text, bigint) is
'The log of a table after a seal (null: all of it), with what no seal has taken yet.';
grant execute on function plumb.log_of_table(text, bigint) to plumb_auditor;
