-- Returns the rows of the log in format 1 that no seal up to this one closed, as a condition on
-- alias l: a range of the primary key. Across a restore the numbers begin anew, and the condition
-- is true: all rows; so it is when there is no such seal, or more than one.
create or replace function plumb.audit_scope(p_after_seal bigint)
returns text
language sql
stable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        (
            select format(
                '(l.txid >= %L::xid8 and l.base_seal >= %s or l.txid = any(%L::xid8 []))',
                pg_snapshot_xmax(s.snapshot),
                (
                    select greatest(max(o.seal_id) - 1, 0)
                    from plumb.seals as o
                    where o.is_opening and o.format = 1
                ),
                array(select pg_snapshot_xip(s.snapshot))
            )
            from plumb.seals as s
            where
                s.seal_id = p_after_seal
                and not exists (
                    select from plumb.seals as o
                    where o.seal_id > p_after_seal and o.is_opening and o.format = 1
                )
                and 1 = (select count(*) from plumb.seals as o where o.seal_id = p_after_seal)
        ),
        'true'
    )
$$;
comment on function plumb.audit_scope(bigint) is
'Condition for the rows of the log, as l, that this seal and those before did not close.';
