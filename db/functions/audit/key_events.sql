-- Returns what happened to one key of a table while it had a name, and the row that stood under the
-- key before and after each: JSON's null when none did. A row that came from another key, or went
-- to one, is an event of both.
--
-- Within a transaction the numbers (n) do not always show the order: a trigger or a cascade that
-- changes a row anew is logged before the statement that set it off. So the order is read from the
-- states. An event is the last when no other one of the transaction goes on from what it left; for
-- example 1: b-c (by a trigger), 2: a-b (by the statement): 1 goes on from 2, so 1 is the last.
-- Where each is gone on from, they form a circle, and the last is the event that leads back to what
-- was there before the transaction: after a came 1: b-a, 2: a-b, so 1 is the last.
--
-- TRUNCATE, and the end of auditing, divide a transaction; its parts are turns. The last event of
-- each turn is the last here as well; plumb.row_events() orders those before it.
--
-- The steps: found (rows of the log about the key), stated (the states before and after, and the
-- part of the transaction), linked (which event no other one goes on from), turns and ends (what
-- each turn left, for a turn that is a circle).
--
-- Inlined, and called by functions that pinned their search_path.
create or replace function plumb.key_events(
    p_relation text,
    p_record_key text,
    p_key text,
    p_with_ends boolean,
    p_begins_at timestamptz,
    p_ends_at timestamptz,
    p_after_seal bigint default null
)
returns table (
    place bigint,
    turn bigint,
    op text,
    old_row jsonb,
    new_row jsonb,
    before jsonb,
    after jsonb,
    actor text,
    app_user text,
    occurred_at timestamptz,
    seal_id bigint,
    txid xid8,
    base_seal bigint,
    "position" bigint, -- noqa: RF06
    n integer
)
language sql
stable
rows 10
as $$
    with found as (
        select
            l.*,
            case when l.record_key = p_record_key then l.old_row end as before,
            l.record_key is distinct from p_record_key as is_arrival
        from plumb.log_of(p_relation, p_record_key, p_after_seal) as l
        where l.op <> 'REKEY'
        union all
        -- In format 1 a row of its own says so.
        select
            u.seal_id, u.base_seal, u.txid, u.position, u.n, u.format, u.occurred_at, u.op,
            u.relation, u.record_key, u.new_key, u.actor, u.app_user, u.old_row, u.new_row, null,
            true
        from plumb.audit_rows as k
        inner join plumb.audit_chains_log as u
            on
                u.txid = k.txid
                and u.base_seal = k.base_seal
                and u.n = (k.new_row operator(pg_catalog.->>) 'n')::integer
        where
            k.relation = p_relation
            and k.record_key = p_record_key
            and k.op = 'REKEY'
            and (p_after_seal is null or u.seal_id > p_after_seal)
        union all
        select l.*, null, false
        from plumb.log_of(p_relation, null, p_after_seal) as l
        where p_with_ends and l.op = 'TRUNCATE'
        union all
        select l.*, null, false
        from plumb.log_of('plumb.audited_tables', p_relation, p_after_seal) as l
        where
            p_with_ends
            and l.op = 'UNAUDIT'
            and not exists (
                select from plumb.log_of_table('plumb.audited_tables') as a
                where
                    coalesce(a.new_row operator(pg_catalog.->>) 'formerly', a.record_key)
                    = l.record_key
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
                    and plumb.audit_key(f.new_row, p_key) <> p_record_key then 'null'
                else coalesce(f.new_row, 'null')
            end as after,
            f.actor,
            f.app_user,
            f.occurred_at,
            f.seal_id,
            f.txid,
            f.base_seal,
            f.position,
            f.n,
            count(*) filter (where f.op in ('TRUNCATE', 'UNAUDIT')) over (
                partition by f.txid, f.base_seal order by f.n
            ) as part,
            max(f.occurred_at) over (partition by f.txid, f.base_seal) as ended_at,
            max(f.position) over (partition by f.txid, f.base_seal) as end_position
        from found as f
        where f.occurred_at >= p_begins_at and f.occurred_at < p_ends_at
    ),

    linked as (
        select
            s.*,
            o.txid is null as is_end,
            dense_rank() over (
                order by
                    s.end_position nulls first, s.seal_id nulls last, s.ended_at, s.txid, s.part
            ) as turn
        from stated as s
        left join (select distinct s.txid, s.base_seal, s.part, s.before from stated as s) as o
            on
                o.txid = s.txid
                and o.base_seal = s.base_seal
                and o.part = s.part
                and o.before = s.after
    ),

    turns as (
        select
            t.turn,
            t.has_end,
            max(t.turn) filter (where t.has_end) over (
                order by t.turn rows between unbounded preceding and 1 preceding
            ) as turn_before
        from (
            select l.turn, bool_or(l.is_end) as has_end from linked as l group by l.turn
        ) as t
    ),

    ends as (
        select distinct on (l.turn) l.turn, l.after
        from linked as l
        where l.is_end
        order by l.turn, l.n desc
    )

    select
        row_number() over (
            order by
                l.turn,
                case
                    when t.has_end then l.is_end
                    else e.turn is not null and l.after = e.after
                end,
                l.n
        ),
        l.turn,
        l.op,
        l.old_row,
        l.new_row,
        l.before,
        l.after,
        l.actor,
        l.app_user,
        l.occurred_at,
        l.seal_id,
        l.txid,
        l.base_seal,
        l.position,
        l.n
    from linked as l
    inner join turns as t on t.turn = l.turn
    left join ends as e on e.turn = t.turn_before
$$;
comment on function plumb.key_events(
    text, text, text, boolean, timestamptz, timestamptz, bigint
) is
'What happened to a key from one moment until before another, of all time or after a seal; p_key
names the key''s columns, and p_with_ends adds every TRUNCATE and the end of auditing.';
grant execute on function plumb.key_events(
    text, text, text, boolean, timestamptz, timestamptz, bigint
) to plumb_auditor;
