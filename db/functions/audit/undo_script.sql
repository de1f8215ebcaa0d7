-- Lists the statements that would take transactions back: their changes in reverse order, each with
-- the problem that speaks against it. What a foreign key did (ON DELETE CASCADE, SET NULL) is in
-- the log after what set it off, and must come after it here too; what ON UPDATE CASCADE did, it
-- does again by itself. Nothing is carried out here: that is for whoever may change the tables.
create or replace function plumb.undo_script(p_txids xid8[], p_overwrite text[] default '{}')
returns table (
    step bigint,
    statement text,
    problem text,
    relation text,
    record_key text,
    old_row jsonb,
    new_row jsonb,
    op text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
    with recursive done as materialized (
        select
            l.*,
            row_number() over (order by l.position nulls first, l.occurred_at, l.n) as place,
            plumb.find_relation(a.relation) as found,
            a.key_columns,
            a.excluded_columns || a.masked_columns as hidden_columns,
            format('%s %s', l.relation, l.record_key) = any(p_overwrite) as is_confirmed
        from plumb.audit_log as l
        left join plumb.audited_tables as a on a.relation = l.relation
        where l.txid = any(p_txids) and l.relation not like 'plumb.%' and l.op <> 'DDL'
    ),

    foreign_keys as materialized (
        select
            c.conrelid,
            c.confrelid,
            c.condeferrable,
            array_agg(o.attname::text order by k.position) as columns,
            array_agg(r.attname::text order by k.position) as referenced
        from pg_constraint as c
        cross join lateral unnest(c.conkey, c.confkey)
            with ordinality as k (own, other, position)
        inner join pg_attribute as o on o.attrelid = c.conrelid and o.attnum = k.own
        inner join pg_attribute as r on r.attrelid = c.confrelid and r.attnum = k.other
        where c.contype = 'f' and c.conparentid = 0
        group by c.oid, c.conrelid, c.confrelid, c.condeferrable
    ),

    -- Which change of a row comes from which other one; one that the log has earlier may have more
    -- than one reason.
    caused as materialized (
        select d.place, p.place as cause, p.op as cause_op, f.condeferrable
        from done as d
        inner join foreign_keys as f on f.conrelid = d.found
        inner join done as p
            on p.found = f.confrelid and p.place <> d.place and p.op in ('UPDATE', 'DELETE')
        where
            d.op in ('UPDATE', 'DELETE')
            and (
                select
                    bool_and(d.old_row ->> k.own = p.old_row ->> k.other)
                    and bool_or(
                        d.op = 'DELETE' or d.new_row -> k.own is distinct from d.old_row -> k.own
                    )
                    and bool_or(
                        p.op = 'DELETE'
                        or p.new_row -> k.other is distinct from p.old_row -> k.other
                    )
                from unnest(f.columns, f.referenced) as k (own, other)
            )
    ),

    paths as (
        select d.place, d.place as cause
        from done as d
        union
        select c.place, o.cause
        from paths as o
        inner join caused as c on c.cause = o.place
        where c.cause_op = 'DELETE' and c.cause < c.place
    ),

    groups as (
        select p.place, min(p.cause) as cause
        from paths as p
        where
            p.place not in (
                select c.place from caused as c where c.cause_op = 'UPDATE' and c.cause < c.place
            )
        group by p.place
    ),

    depths as (
        select g.place, g.cause, 0 as depth
        from groups as g
        union
        select g.place, g.cause, d.depth + 1
        from depths as d
        inner join caused as c
            on c.cause = d.place and c.cause_op = 'DELETE' and not c.condeferrable
        inner join groups as g on g.place = c.place and g.cause = d.cause
        -- Rows that refer to each other have no order, but where a constraint waits for the commit.
        where d.depth < 50
    ),

    ordered as (
        select d.place, d.cause, max(d.depth) as depth
        from depths as d
        group by d.place, d.cause
    )

    select
        row_number() over (order by o.cause desc, o.depth, o.place desc),
        case
            when d.found is not null and cardinality(d.key_columns) > 0
                and d.op in ('INSERT', 'UPDATE', 'DELETE')
                then plumb.compensating_statement(
                    d.found, d.key_columns, nullif(d.new_row, 'null'), nullif(d.old_row, 'null'),
                    not d.is_confirmed
                )
        end,
        case
            when d.op not in ('INSERT', 'UPDATE', 'DELETE')
                then format('%s is not undone row by row', d.op)
            when d.found is null then 'the table is not audited under this name any more'
            when cardinality(d.key_columns) = 0 then 'the table has no key'
            when d.is_redacted then 'the row was redacted'
            when d.op = 'DELETE' and d.hidden_columns <> '{}'
                then format('the log does not hold %s', array_to_string(d.hidden_columns, ', '))
            when not d.is_confirmed then (
                select format(
                    'changed later by %s in transaction %s at %s',
                    coalesce(nullif(e.app_user, ''), e.actor), e.txid, e.occurred_at
                )
                from (values (d.record_key), (d.new_key)) as k (name)
                cross join lateral plumb.log_of(d.relation, k.name) as e
                where
                    k.name is not null
                    and e.txid <> all(p_txids)
                    and (coalesce(e.position, 0), e.occurred_at)
                    > (coalesce(d.position, 0), d.occurred_at)
                order by e.position desc nulls last, e.occurred_at desc
                limit 1
            )
        end,
        d.relation,
        d.record_key,
        nullif(d.old_row, 'null'),
        nullif(d.new_row, 'null'),
        d.op
    from ordered as o
    inner join done as d on d.place = o.place
    order by 1
$$;
comment on function plumb.undo_script(xid8[], text[]) is
'The statements that would take transactions back, in order, and what speaks against each.';
revoke execute on function plumb.undo_script(xid8[], text[]) from public;
grant execute on function plumb.undo_script(xid8[], text[]) to plumb_auditor;
