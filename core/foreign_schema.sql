-- Whether there is a schema plumb with anything in it.
select
    'plumb' in (
        select n.nspname
        from pg_namespace as n
        where
            n.oid in (select c.relnamespace from pg_class as c)
            or n.oid in (select p.pronamespace from pg_proc as p)
            or n.oid in (select t.typnamespace from pg_type as t)
    )
