-- Every version of one row, oldest first: what it was, who made it so, when, in which
-- transaction. A row that came from another key, or went to one, shows both.
create or replace function plumb.row_history(p_relation regclass, p_key text)
returns table (
    version bigint,
    op text,
    old_row jsonb,
    new_row jsonb,
    changed_columns text[],
    actor text,
    app_user text,
    occurred_at timestamptz,
    seal_id bigint,
    txid xid8,
    n integer
)
language sql
stable
rows 10
set search_path = pg_catalog, pg_temp
as $$
    with found as (
        select l.*
        from plumb.audit_log as l
        where
            l.relation = plumb.relation_name(p_relation)
            and l.record_key = p_key
            and l.op <> 'REKEY'
        union all
        select u.*
        from plumb.audit_log as k
        inner join plumb.audit_log as u
            on
                u.txid = k.txid
                and u.base_seal = k.base_seal
                and u.n = (k.new_row ->> 'n')::integer
        where
            k.relation = plumb.relation_name(p_relation)
            and k.record_key = p_key
            and k.op = 'REKEY'
        union all
        select l.*
        from plumb.audit_log as l
        where
            l.relation = plumb.relation_name(p_relation)
            and l.record_key is null
            and l.op = 'TRUNCATE'
    )

    select
        row_number() over w,
        f.op,
        f.old_row,
        f.new_row,
        case
            when f.op = 'UPDATE'
            then array(
                select coalesce(o.key, e.key)
                from jsonb_each(f.old_row) as o
                full join jsonb_each(f.new_row) as e on e.key = o.key
                where o.value is distinct from e.value
                order by 1
            )
        end,
        f.actor,
        f.app_user,
        f.occurred_at,
        t.seal_id,
        f.txid,
        f.n
    from found as f
    left join plumb.audit_transactions as t on t.txid = f.txid and t.base_seal = f.base_seal
    window w as (order by t.seal_id nulls last, f.occurred_at, f.txid, f.n)
    order by 1
$$;
comment on function plumb.row_history(regclass, text) is
'Each version of a row, by its key as text (a JSON array for a key of several columns).';
grant execute on function plumb.row_history(regclass, text) to plumb_auditor;
