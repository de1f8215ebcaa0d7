-- What the statement of a session is at, in percent, where PostgreSQL says so.
select s.what, s.percent
from (
    select
        p.pid,
        'building an index, ' || p.phase as what,
        100 * p.blocks_done / nullif(p.blocks_total, 0) as percent
    from pg_stat_progress_create_index as p
    union all
    select
        p.pid,
        'rewriting a table, ' || p.phase as what,
        100 * p.heap_blks_scanned / nullif(p.heap_blks_total, 0) as percent
    from pg_stat_progress_cluster as p
) as s
where s.pid = %s
