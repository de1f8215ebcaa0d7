-- Writers only record what they change; sealing makes blocks of it. What was chained row by row
-- stays where it is, in plumb.audit_rows, and verifies for ever; plumb.audit_log becomes the view
-- of all of it. docs/audit.md states the format.

-- Nobody writes in the old form any more: the migration holds the locks of all audited tables, and
-- whoever wrote to one holds its lock until the end. Who reads the log is waited for.
lock table plumb.audit_log in access exclusive mode;

set local role plumb_owner;

alter table plumb.audit_log rename to audit_rows;
comment on table plumb.audit_rows is
'The log in format 1: every change, each transaction''s rows a hash chain of their own.';

create table plumb.audit_intake (
    position bigint generated always as identity,
    txid xid8 not null,
    occurred_at timestamptz not null,
    op text collate "C" not null,
    relation text collate "C" not null,
    key text not null,
    actor text not null,
    app_user text not null,
    old_row jsonb,
    new_row jsonb
);
comment on table plumb.audit_intake is
'What writers recorded and no seal has taken yet. Only Plumbline''s own triggers write it.';
comment on column plumb.audit_intake.key is
'The columns of the table''s key when it was written: one name, or a JSON array of several.';
-- Every few seconds all of it is dead: it must be swept before it grows.
alter table plumb.audit_intake set (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 1000000,
    autovacuum_vacuum_cost_delay = 0
);
revoke select on plumb.audit_intake from plumb_reader;

reset role;

-- This very transaction may have written in the old form, by DDL of an earlier revision.
select set_config('plumb.audit_dismantling', 'on purpose', true);
with own as (
    delete from plumb.audit_rows as l
    where l.txid = pg_current_xact_id_if_assigned()
    returning l.*
)

insert into plumb.audit_intake (
    txid, occurred_at, op, relation, key, actor, app_user, old_row, new_row
)
select
    o.txid, o.occurred_at, o.op, o.relation,
    case o.relation
        when 'plumb.audited_tables' then 'relation'
        when 'plumb.audit_findings' then 'audit_finding_id'
        else ''
    end,
    o.actor, o.app_user, o.old_row, o.new_row
from own as o
where o.op <> 'REKEY'
order by o.n;
select set_config('plumb.audit_dismantling', '', true);

-- What was written until now is sealed once more in its own form: nobody writes any more, so all
-- of it was committed.
do $$
declare
    v_last plumb.seals;
    v_seal plumb.seals;
begin
    select s.* into v_last from plumb.seals as s order by s.seal_id desc limit 1;
    if not found then
        return;
    end if;
    v_seal.seal_id := v_last.seal_id + 1;
    v_seal.format := 1;
    v_seal.origin := plumb.seal_origin();
    v_seal.snapshot := pg_current_snapshot();
    v_seal.is_opening := v_seal.origin <> v_last.origin
    or pg_snapshot_xmax(v_seal.snapshot) < pg_snapshot_xmax(v_last.snapshot);
    insert into plumb.audit_transactions (seal_id, txid, base_seal, row_count, last_hash)
    select v_seal.seal_id, u.txid, u.base_seal, u.row_count, l.row_hash
    from (
        select l.txid, l.base_seal, max(l.n) as row_count
        from plumb.audit_rows as l
        where
            (
                l.txid >= pg_snapshot_xmax(v_last.snapshot)
                or l.txid = any(array(select pg_snapshot_xip(v_last.snapshot)))
                or (v_seal.is_opening and l.base_seal = v_last.seal_id)
            )
            and not exists (
                select from plumb.audit_transactions as t
                where t.txid = l.txid and t.base_seal = l.base_seal
            )
        group by l.txid, l.base_seal
    ) as u
    inner join plumb.audit_rows as l
        on l.txid = u.txid and l.n = u.row_count and l.base_seal = u.base_seal;
    v_seal.adopted := array(
        select distinct t.txid
        from plumb.audit_transactions as t
        where
            t.seal_id = v_seal.seal_id and not pg_visible_in_snapshot(t.txid, v_seal.snapshot)
    );
    select d.members_hash, d.transaction_count, d.row_count
    into v_seal.members_hash, v_seal.transaction_count, v_seal.row_count
    from plumb.members_digest(v_seal.seal_id, v_seal.seal_id) as d;
    if found then
        v_seal.sealed_at := clock_timestamp();
        v_seal.prev_hash := v_last.seal_hash;
        v_seal.seal_hash := plumb.seal_digest(v_seal);
        insert into plumb.seals select v_seal.*;
    end if;
end;
$$;

set local role plumb_owner;

create table plumb.audit_blocks (
    seal_id bigint not null,
    block_number integer not null,
    txid xid8 not null,
    format smallint not null,
    first_n integer not null,
    row_count integer not null,
    keys integer[] not null,
    lines text not null,
    salts bytea not null,
    digests bytea not null,
    block_hash bytea,
    prev_hash bytea not null,
    link_hash bytea not null,
    primary key (seal_id, block_number)
) partition by range (seal_id);
comment on table plumb.audit_blocks is
'The log in format 2: the rows of a transaction as a text, and the links between such texts.';
comment on column plumb.audit_blocks.block_number is '1, 2, 3 and so on within the seal.';
comment on column plumb.audit_blocks.first_n is
'The number of its first row in the transaction; a large transaction has several blocks.';
comment on column plumb.audit_blocks.keys is
'By what its rows are found: a number for each key that it has rows of.';
comment on column plumb.audit_blocks.lines is 'One line of JSON for each row.';
comment on column plumb.audit_blocks.salts is
'32 random bytes for each row; zeros once the row was redacted.';
comment on column plumb.audit_blocks.digests is '32 bytes for each row: SHA-256 of salt and line.';
comment on column plumb.audit_blocks.block_hash is
'Set by redaction: the hash of the block as it was written.';
comment on column plumb.audit_blocks.prev_hash is
'The link_hash of the block before, or the seal_hash of the seal before.';
alter table plumb.audit_blocks alter salts set storage external;
alter table plumb.audit_blocks alter digests set storage external;
do $$
begin
    alter table plumb.audit_blocks alter lines set compression lz4;
exception
    when feature_not_supported then null;
end;
$$;
create index audit_blocks_txid_idx on plumb.audit_blocks (txid);
create index audit_blocks_keys_idx on plumb.audit_blocks using gin (keys);
revoke select on plumb.audit_blocks from plumb_reader;
grant select on plumb.audit_blocks to plumb_auditor;

create type plumb.audit_line as (
    n integer,
    position bigint,
    occurred_at timestamptz,
    op text,
    relation text,
    record_key text,
    new_key text,
    actor text,
    app_user text,
    old_row jsonb,
    new_row jsonb
);
comment on type plumb.audit_line is 'What a line of plumb.audit_blocks says.';

alter table plumb.seals add column block_count integer, alter column snapshot drop not null;
comment on column plumb.seals.block_count is 'How many blocks it has; null in format 1.';

-- Rows of all audited tables alike, whoever writes them: there is one form.
alter table plumb.audited_tables drop column form;

reset role;

-- The triggers of audited tables, with the arguments that they have.
do $$
declare
    v_trigger record;
begin
    -- Where logical replication writes there was a trigger for rows already, on the root.
    for v_trigger in
        select t.tgrelid::regclass as relation
        from pg_trigger as t
        where
            t.tgfoid = to_regprocedure('plumb.tg_audit_row()')
            and t.tgname = 'plumb_audit_row'
            and t.tgparentid = 0
    loop
        execute format('drop trigger plumb_audit_row on %s', v_trigger.relation);
    end loop;
    for v_trigger in
        select
            t.tgrelid::regclass as relation,
            (
                select string_agg(
                    quote_literal(convert_from(decode(e.escaped, 'escape'), 'UTF8')), ', '
                    order by e.position
                )
                -- Every argument ends with a zero byte, which no text has.
                from string_to_table(
                    replace(
                        encode(substr(t.tgargs, 1, length(t.tgargs) - 1), 'escape'), '\000', e'\x01'
                    ),
                    e'\x01'
                ) with ordinality as e (escaped, position)
            ) as arguments
        from pg_trigger as t
        inner join pg_class as c on c.oid = t.tgrelid and c.relkind = 'r'
        where t.tgname = 'plumb_audit_insert' and t.tgfoid = to_regprocedure('plumb.tg_audit()')
    loop
        execute format(
            'create trigger plumb_audit_row after insert or update or delete on %s'
            ' for each row execute function plumb.tg_audit_row(%s)',
            v_trigger.relation, v_trigger.arguments
        );
        execute format('alter table %s enable always trigger plumb_audit_row', v_trigger.relation);
    end loop;
    for v_trigger in
        select t.tgrelid::regclass as relation, t.tgname as name
        from pg_trigger as t
        where
            t.tgfoid = to_regprocedure('plumb.tg_audit()')
            or (
                t.tgfoid = to_regprocedure('plumb.tg_audit_truncate()')
                and t.tgname = 'plumb_audit_truncated'
            )
    loop
        execute format('drop trigger %I on %s', v_trigger.name, v_trigger.relation);
    end loop;
end;
$$;

drop function if exists plumb.tg_audit();
drop function if exists plumb.append_audit(text, text, text, jsonb, jsonb);
drop function if exists plumb.append_audits(text, text, text, jsonb[], jsonb[], text, text);
drop function if exists plumb.append_audits(text, text, text, jsonb[], jsonb[]);
drop function if exists plumb.audit_insertion(text, text);
drop function if exists plumb.audit_source(text, text, text, text, text);
drop function if exists plumb.begin_chain();
drop function if exists plumb.chain_head();
drop function if exists plumb.update_op(jsonb, jsonb);
drop function if exists plumb.seal_opening(bigint, pg_snapshot, pg_snapshot);
drop function if exists plumb.ended_transactions();
drop function if exists plumb.follow_subscriptions();
drop function if exists plumb.audit_triggers(text);
drop function if exists plumb.key_events(
    text, text, text, boolean, timestamptz, timestamptz
);
