-- Gives audited tables their identity, where they have none that means something here: after an
-- upgrade, and in a copy restored from a dump, whose OIDs are others.
create or replace function plumb.adopt_relations()
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update plumb.audited_tables as a
    set relid = plumb.find_relation(a.relation), relid_origin = (select plumb.database_identity())
    where
        (
            a.relid is null
            or a.relid_origin is distinct from (select plumb.database_identity())
            or not exists (select from pg_class as c where c.oid = a.relid)
        )
        and (a.relid, a.relid_origin)
        is distinct from (plumb.find_relation(a.relation)::oid, (select plumb.database_identity()))
$$;
comment on function plumb.adopt_relations() is
'Note the OID of each audited table that has none of this database.';
