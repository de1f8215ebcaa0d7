-- Takes recorded rows out of the intake and makes blocks of them: all rows of the transactions up
-- to this number, which were committed, each transaction's together and in their order. Of what was
-- captured, up to another number, there are blocks already, which need only their links; rows that
-- such a transaction recorded as well are numbered after them. What is taken is gone in the
-- transaction that writes the blocks, so nothing is sealed twice and nothing is left out.
--
-- A block holds a thousand rows or a million bytes at most, so that one row of a large transaction
-- is found without reading all of them. Salts come from a secret that nobody keeps.
create or replace function plumb.seal_blocks(
    p_seal_id bigint,
    p_prev_hash bytea,
    p_through_txid xid8,
    p_captured_txid xid8,
    out last_hash bytea,
    out block_count integer,
    out transaction_count bigint,
    out row_count bigint
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
set "TimeZone" = 'UTC'
set "DateStyle" = 'ISO, MDY'
set work_mem = '64MB'
set jit = off
as $$
declare
    c_rows_max constant integer := 1000;
    c_bytes_max constant integer := 1000000;
    c_blocks_max constant integer := 100;
    v_own_txid constant xid8 := pg_current_xact_id_if_assigned();
    v_secret constant bytea := uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid());
    v_found record;
    v_block plumb.audit_blocks;
    v_blocks plumb.audit_blocks [];
    v_txid xid8;
begin
    last_hash := p_prev_hash;
    block_count := 0;
    transaction_count := 0;
    row_count := 0;
    v_block.seal_id := p_seal_id;
    v_block.format := 2;
    perform set_config('plumb.audit_dismantling', 'on purpose', true);
    for v_found in
        with captured as (
            delete from plumb.audit_captured as c
            where c.txid <= p_captured_txid
            returning c.*
        ),

        taken as (
            delete from plumb.audit_intake as i
            where i.txid <= p_through_txid and i.txid is distinct from v_own_txid
            returning i.*
        ),

        keyed as (
            select
                t.*,
                case
                    when left(t.key, 1) = '['
                    then plumb.audit_key(coalesce(t.old_row, t.new_row), t.key)
                    when t.key = '' then null
                    else coalesce(t.old_row, t.new_row) ->> t.key
                end as record_key,
                case
                    when t.op <> 'UPDATE' or t.key = '' then null
                    when left(t.key, 1) = '[' then plumb.audit_key(t.new_row, t.key)
                    else t.new_row ->> t.key
                end as new_key
            from taken as t
            offset 0
        ),

        lined as (
            select
                k.txid,
                k.position,
                case
                    when
                        k.record_key is not null or k.op not in ('INSERT', 'UPDATE', 'DELETE')
                    then plumb.key_number(k.relation, k.record_key)
                end as number,
                case
                    when k.new_key <> k.record_key then plumb.key_number(k.relation, k.new_key)
                end as other_number,
                k.relation,
                ', "position": ' || k.position::text
                || ', "occurred_at": ' || to_json(k.occurred_at)::text
                || ', "op": "' || k.op
                || '", "relation": ' || to_json(k.relation)::text
                || ', "record_key": ' || coalesce(to_json(k.record_key)::text, 'null')
                || case
                    when k.new_key <> k.record_key
                    then ', "new_key": ' || to_json(k.new_key)::text
                    else ''
                end
                || ', "actor": ' || to_json(k.actor)::text
                || ', "app_user": ' || to_json(k.app_user)::text
                || ', "old_row": ' || coalesce(k.old_row::text, 'null')
                || ', "new_row": ' || coalesce(k.new_row::text, 'null')
                || '}' as line_end
            from keyed as k
            offset 0
        ),

        numbered as (
            select
                l.*,
                row_number() over transaction + coalesce(c.row_count, 0) as n,
                sum(octet_length(l.line_end)) over transaction / c_bytes_max as weight
            from lined as l
            left join (
                select a.txid, sum(a.row_count)::bigint as row_count
                from captured as a
                group by a.txid
            ) as c on c.txid = l.txid
            window transaction as (
                partition by l.txid order by l.position rows unbounded preceding
            )
        ),

        -- Sorted once for all aggregates, which take rows as they come.
        sorted as (
            select
                m.txid,
                m.n,
                (m.n - 1) / c_rows_max as part,
                m.weight,
                m.number,
                m.other_number,
                m.relation,
                -- The rows of a baseline share a position.
                sha256(v_secret || int8send(m.position) || int8send(m.n)) as salt,
                '{"n": ' || m.n::text || m.line_end as line
            from numbered as m
            order by m.txid, part, m.weight, m.n
        )

        select
            c.txid,
            min(c.n)::integer as first_n,
            count(*)::integer as row_count,
            (
                select array_agg(distinct k.number order by k.number)
                from (
                    select unnest(array_agg(c.number) || array_agg(c.other_number))
                    union all
                    select plumb.table_number(unnest(array_agg(distinct c.relation)))
                ) as k (number)
                where k.number is not null
            ) as keys,
            string_agg(c.line, e'\n') as lines,
            string_agg(c.salt, '') as salts,
            string_agg(sha256(c.salt || convert_to(c.line, 'UTF8')), '') as digests,
            null::bytea as block_hash
        from sorted as c
        group by c.txid, c.part, c.weight
        union all
        select
            a.txid, a.first_n, a.row_count, a.keys, a.lines, a.salts, a.digests, a.block_hash
        from captured as a
        order by 1, 2
    loop
        block_count := block_count + 1;
        row_count := row_count + v_found.row_count;
        if v_found.txid is distinct from v_txid then
            transaction_count := transaction_count + 1;
            v_txid := v_found.txid;
        end if;
        v_block.block_number := block_count;
        v_block.txid := v_found.txid;
        v_block.first_n := v_found.first_n;
        v_block.row_count := v_found.row_count;
        v_block.keys := v_found.keys;
        v_block.lines := v_found.lines;
        v_block.salts := v_found.salts;
        v_block.digests := v_found.digests;
        v_block.prev_hash := last_hash;
        v_block.block_hash := v_found.block_hash;
        v_block.link_hash := plumb.link_digest(v_block);
        v_block.block_hash := null;
        last_hash := v_block.link_hash;
        v_blocks := v_blocks || v_block;
        if cardinality(v_blocks) = c_blocks_max then
            insert into plumb.audit_blocks select b.* from unnest(v_blocks) as b;
            v_blocks := null;
        end if;
    end loop;
    insert into plumb.audit_blocks select b.* from unnest(v_blocks) as b;
    perform set_config('plumb.audit_dismantling', '', true);
end;
$$;
comment on function plumb.seal_blocks(bigint, bytea, xid8, xid8) is
'Make blocks of what committed transactions recorded, and link those captured, up to one each.';
