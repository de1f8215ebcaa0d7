-- Identifies a database: the cluster's identity and the OID in it.
select
    (select system_identifier from pg_control_system()),
    (
        select oid from pg_database
        where datname = current_database()
    )
