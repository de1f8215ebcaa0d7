-- The size of the newest backup, and that of the database.
select
    (
        select b.size_bytes
        from plumb.backups as b
        where b.tool = 'plumb' and b.status = 'finished'
        order by b.taken_at desc
        limit 1
    ) as newest_bytes,
    pg_database_size(current_database()) as database_bytes
