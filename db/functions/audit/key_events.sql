-- What happened to one key of a table, in order, and the row that stood under it after each: null
-- when none did. A row that came from another key, or went to one, is an event of both.
--
-- Within a transaction the numbers do not always tell the order: a trigger or a cascade that
-- changes a row anew is logged before the statement that set it off. So an event that another one
-- of the transaction goes on from is not the last. Where each is gone on from, they lead in a
-- circle, and the last is the one that leads back to what was there before the transaction.
-- TRUNCATE, and the end of auditing, divide a transaction.
--
-- Inlined, and called by functions that pinned their search_path.
create or replace function plumb.key_events(
    p_relation text, p_record_key text, p_key text, p_with_ends boolean
)
returns table (
    place bigint,
    op text,
    old_row jsonb,
    new_row jsonb,
    state jsonb,
    actor text,
    app_user text,
    occurred_at timestamptz,
    seal_id bigint,
    txid xid8,
    base_seal bigint,
    n integer
)
language sql
stable
rows 10
as $$
    with found as (
        select l.*, l.old_row as before, false as is_arrival
        from plumb.audit_log as l
        where l.relation = p_relation and l.record_key = p_record_key and l.op <> 'REKEY'
        union all
        select u.*, null, true
        from plumb.audit_log as k
        inner join plumb.audit_log as u
            on
                u.txid = k.txid
                and u.base_seal = k.base_seal
                and u.n = (k.new_row ->> 'n')::integer
        where k.relation = p_relation and k.record_key = p_record_key and k.op = 'REKEY'
        union all
        select l.*, null, false
        from plumb.audit_log as l
        where
            p_with_ends
            and l.relation = p_relation
            and l.record_key is null
            and l.op = 'TRUNCATE'
        union all
        select l.*, null, false
        from plumb.audit_log as l
        where
            p_with_ends
            and l.relation = 'plumb.audited_tables'
            and l.record_key = p_relation
            and l.op = 'UNAUDIT'
            and not exists (
                select from plumb.audit_log as a
                where
                    a.relation = l.relation
                    and a.record_key = l.record_key
                    and a.op = 'AUDIT'
                    and a.txid = l.txid
                    and a.base_seal = l.base_seal
                    and a.n > l.n
            )
    ),

    stated as (
        select
            f.op,
            case when f.op <> 'UNAUDIT' then f.old_row end as old_row,
            f.new_row,
            coalesce(f.before, 'null') as before,
            case
                when
                    f.op = 'UPDATE'
                    and not f.is_arrival
                    and plumb.audit_key(f.new_row, p_key) <> p_record_key then null
                else f.new_row
            end as state,
            f.actor,
            f.app_user,
            f.occurred_at,
            t.seal_id,
            f.txid,
            f.base_seal,
            f.n,
            count(*) filter (where f.op in ('TRUNCATE', 'UNAUDIT')) over (
                partition by f.txid, f.base_seal order by f.n
            ) as part,
            max(f.occurred_at) over (partition by f.txid, f.base_seal) as ended_at
        from found as f
        left join plumb.audit_transactions as t on t.txid = f.txid and t.base_seal = f.base_seal
    ),

    linked as (
        select
            s.*,
            o.txid is null as is_end,
            bool_or(o.txid is null) over (partition by s.txid, s.base_seal, s.part) as has_end,
            dense_rank() over (order by s.seal_id nulls last, s.ended_at, s.txid, s.part) as turn
        from stated as s
        left join (select distinct s.txid, s.base_seal, s.part, s.before from stated as s) as o
            on
                o.txid = s.txid
                and o.base_seal = s.base_seal
                and o.part = s.part
                and o.before = coalesce(s.state, 'null')
    )

    select
        row_number() over (
            order by
                s.turn,
                case
                    when s.has_end then s.is_end
                    else coalesce(
                        (
                            select coalesce(e.state, 'null') = coalesce(s.state, 'null')
                            from linked as e
                            where e.turn < s.turn and e.is_end
                            order by e.turn desc, e.n desc
                            limit 1
                        ),
                        false
                    )
                end,
                s.n
        ),
        s.op,
        s.old_row,
        s.new_row,
        s.state,
        s.actor,
        s.app_user,
        s.occurred_at,
        s.seal_id,
        s.txid,
        s.base_seal,
        s.n
    from linked as s
$$;
comment on function plumb.key_events(text, text, text, boolean) is
'What happened to a key, in order, with the row that it left; p_key names the key''s columns, and
p_with_ends adds every TRUNCATE and the end of auditing.';
