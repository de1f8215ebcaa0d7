-- Returns whether a row of the log was written while its table had a name, between two renames
-- (null: no rename). Rows that the WAL told of are recorded later than they were committed, so it
-- is asked whether the rename saw their transaction. Those of a baseline are recorded at once, so
-- their transaction says nothing.
create or replace function plumb.is_in_span(
    p_op text, p_position bigint, p_txid xid8, p_begins jsonb, p_ends jsonb
)
returns boolean
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select
        (
            p_begins is null
            or not (
                coalesce(p_position, -1) <= (p_begins ->> 'end')::bigint
                or coalesce(
                    pg_visible_in_snapshot(t.txid, (p_begins ->> 'snapshot')::pg_snapshot), false
                )
            )
        )
        and (
            p_ends is null
            or coalesce(p_position, -1) <= (p_ends ->> 'end')::bigint
            or coalesce(
                pg_visible_in_snapshot(t.txid, (p_ends ->> 'snapshot')::pg_snapshot), false
            )
            or t.txid::text = coalesce(p_ends ->> 'txid', '')
        )
    from (
        values (case when p_op not in ('BASELINE', 'SNAPSHOT') then p_txid end)
    ) as t (txid)
$$;
comment on function plumb.is_in_span(text, bigint, xid8, jsonb, jsonb) is
'Whether a row of the log was written between two renames of its table (null: no rename).';
