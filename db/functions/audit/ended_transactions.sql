-- The current snapshot, with the current transaction among the running ones. PostgreSQL leaves
-- it out of its own snapshot, and it would then look as if it had ended.
create or replace function plumb.ended_transactions()
returns pg_snapshot
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select case
        when not pg_visible_in_snapshot(t.txid, s.snapshot) or t.txid is null then s.snapshot
        else format(
            '%s:%s:%s',
            least(pg_snapshot_xmin(s.snapshot), t.txid),
            pg_snapshot_xmax(s.snapshot),
            (
                select string_agg(r.txid::text, ',' order by r.txid)
                from (
                    select pg_snapshot_xip(s.snapshot) as txid
                    union
                    select t.txid
                ) as r
            )
        )::pg_snapshot
    end
    from pg_current_snapshot() as s (snapshot)
    cross join pg_current_xact_id_if_assigned() as t (txid)
$$;
comment on function plumb.ended_transactions() is
'The current snapshot, in which the current transaction counts as running.';
