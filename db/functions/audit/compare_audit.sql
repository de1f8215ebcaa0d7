-- Compares the rows of a table with what its log says of them when DDL changed the table's shape:
-- key by key, column by column, each value as text, for a change of type leaves most texts as they
-- are. Columns have the names that they have now, the log of former names is read as well. Returns
-- rows that are missing, or there without the log, and those that differ, with the columns. A
-- column that the log does not have for a row (it is new, or redacted) is not compared, unless it
-- is among those that DDL may have changed.
create or replace function plumb.compare_audit(p_relation text)
returns table (kind text, record_key text, columns text[], expected jsonb, actual jsonb)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
    v_table plumb.audited_tables;
    v_formats jsonb;
    v_key text;
    v_is_same_key boolean;
begin
    select a.* into strict v_table from plumb.audited_tables as a where a.relation = p_relation;
    v_key := plumb.key_spec(v_table.key_columns);
    v_is_same_key := plumb.is_same_key(v_table);
    v_formats := plumb.pin_formats();
    return query
    with names as (
        select s.name, s.place as position, s.begins, s.ends
        from plumb.audit_spans(p_relation) as s
    ),

    resets as (
        select
            n.position, l.op, l.occurred_at, l.n,
            coalesce((l.new_row ->> 'after_seal')::bigint, l.seal_id - 1) as after_seal,
            coalesce(l.position, -1) as log_position,
            coalesce(l.new_row ->> 'form' = 'sum', false) as is_sum
        from names as n
        cross join lateral plumb.log_of(n.name, null) as l
        where
            l.op in ('BASELINE', 'TRUNCATE')
            and plumb.is_in_span(l.op, l.position, l.txid, n.begins, n.ends)
        order by
            n.position, l.position desc nulls last, l.seal_id desc nulls first, l.occurred_at desc,
            l.n desc
        limit 1
    ),

    found as materialized (
        select i.key, i.value
        from plumb.inspect(
            plumb.payload_query(
                plumb.find_relation(p_relation),
                v_table.key_columns,
                plumb.audit_omissions(p_relation),
                v_table.masked_columns
            )
        ) as i
    ),

    keys as (
        select distinct k.record_key as log_key
        from names as n
        cross join resets as r
        cross join lateral plumb.log_of_table(
            n.name,
            coalesce(
                r.after_seal,
                case when r.position = 1 then (select max(s.seal_id) from plumb.seals as s) end
            )
        ) as l
        cross join lateral (values (l.record_key), (l.new_key)) as k (record_key)
        where
            k.record_key is not null
            and plumb.is_in_span(l.op, l.position, l.txid, n.begins, n.ends)
            and (
                n.position < r.position
                or (
                    n.position = r.position
                    and (coalesce(l.position, -1), l.occurred_at, l.n)
                    >= (r.log_position, r.occurred_at, r.n)
                )
            )
        union
        select f.key from found as f
    ),

    logged as (
        select
            k.log_key,
            s.txid is not null as is_known,
            (
                select jsonb_object_agg(
                    coalesce(v_table.baseline_pending -> 'renames' ->> p.name, p.name),
                    coalesce(x.texts, p.value)
                )
                from jsonb_each(nullif(s.after, 'null')) as p (name, value)
                cross join lateral (
                    select jsonb_object_agg(
                        coalesce(v_table.baseline_pending -> 'renames' ->> t.key, t.key), t.value
                    ) as texts
                    from jsonb_each(case p.name when '' then p.value end) as t
                ) as x
            ) as payload
        from keys as k
        cross join resets as r
        left join lateral (
            select
                e.after, e.txid, n.position, coalesce(e.position, -1) as log_position,
                e.occurred_at, e.n
            from names as n
            cross join lateral plumb.key_events(
                n.name, k.log_key, null, false, '-infinity', 'infinity'
            ) as e
            where
                n.position <= r.position
                and plumb.is_in_span(e.op, e.position, e.txid, n.begins, n.ends)
            order by n.position, e.place desc
            limit 1
        ) as s
            on
                s.position < r.position
                or (s.log_position, s.occurred_at, s.n) > (r.log_position, r.occurred_at, r.n)
    ),

    -- A row that went to another key is what the log says of that key.
    placed as (
        select
            l.is_known,
            case when not v_is_same_key or k.row_key = l.log_key then l.payload end as payload,
            case when v_is_same_key then l.log_key else k.row_key end as record_key
        from logged as l
        cross join lateral (select plumb.audit_key(l.payload, v_key) as row_key) as k
    ),

    compared as (
        select
            l.is_known,
            l.payload as expected,
            f.value as actual,
            coalesce(f.key, l.record_key) as record_key,
            r.is_sum,
            array(
                select c.name
                from jsonb_object_keys(f.value || l.payload) as c (name)
                where
                    v_table.column_types ? c.name
                    and (
                        (
                            (l.payload ->> c.name) is distinct from (f.value ->> c.name)
                            -- Numbers may have another number of digits.
                            and (l.payload -> c.name) is distinct from (f.value -> c.name)
                        )
                        or (l.payload -> '' ->> c.name)
                        is distinct from (f.value -> '' ->> c.name)
                    )
                    and (l.payload ? c.name or plumb.is_changed_column(v_table, c.name))
                order by c.name
            ) as columns
        from placed as l
        full join found as f on f.key = l.record_key
        cross join resets as r
    )

    select
        case
            when c.expected is null then 'row_unlogged'
            when c.actual is null then 'row_vanished'
            else 'row_differs'
        end,
        c.record_key,
        c.columns,
        c.expected,
        c.actual
    from compared as c
    where
        (c.expected is null and c.actual is not null and (c.is_known or not c.is_sum))
        or (c.expected is not null and c.actual is null)
        or (c.expected is not null and c.actual is not null and c.columns <> '{}');
    perform plumb.unpin_formats(v_formats);
end;
$$;
comment on function plumb.compare_audit(text) is
'Rows of an audited table that are not what its log says, compared by the texts of their columns.';
