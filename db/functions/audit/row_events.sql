-- Lists what happened to one row, under each name that its table had, in the order in which it
-- happened: also where triggers that change a row anew were logged before what set them off.
-- Inlined, and called by functions that pinned their search_path.
create or replace function plumb.row_events(p_relation regclass, p_record_key text)
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
    n integer
)
language sql
stable
rows 10
as $$
    with events as (
        select
            e.*,
            s.ends_at,
            row_number() over (partition by s.ends_at, e.turn order by e.place) as turn_place,
            pg_catalog.lag(e.after) over (partition by s.ends_at, e.turn order by e.place)
                <> e.before as is_torn
        from (
            -- Partitions are logged under their table's name.
            select plumb.relation_name(coalesce(pg_partition_root(p_relation), p_relation)) as name
            offset 0
        ) as r
        cross join lateral plumb.audit_names(r.name) as s
        left join plumb.audited_tables as a on a.relation = r.name
        cross join lateral plumb.key_events(
            s.relation,
            p_record_key,
            plumb.key_spec(a.key_columns),
            true,
            s.begins_at,
            s.ends_at
        ) as e
    ),

    torn as (
        select
            e.ends_at,
            e.turn,
            plumb.order_events(
                pg_catalog.array_agg(e.before::text order by e.place),
                pg_catalog.array_agg(e.after::text order by e.place)
            ) as positions
        from events as e
        group by e.ends_at, e.turn
        having bool_or(e.is_torn)
    )

    select
        row_number() over (
            order by e.ends_at, e.turn, coalesce(t.positions[e.turn_place], e.turn_place)
        ),
        e.op,
        e.old_row,
        e.new_row,
        nullif(e.after, 'null'),
        e.actor,
        e.app_user,
        e.occurred_at,
        e.seal_id,
        e.txid,
        e.n
    from events as e
    left join torn as t on t.ends_at = e.ends_at and t.turn = e.turn
$$;
comment on function plumb.row_events(regclass, text) is
'What happened to a row, in order, with the row that it left: null when none stood under the key.';
grant execute on function plumb.row_events(regclass, text) to plumb_auditor;
