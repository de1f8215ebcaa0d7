-- Lets rows be taken out of the intake, and captured blocks, although a publication holds all
-- tables, as tools that read changes make one: PostgreSQL refuses to delete a published row that
-- nothing identifies, and no seal would be made any more. The whole row identifies it, and only
-- then, because that costs WAL.
create or replace function plumb.publish_intake()
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
-- Whoever writes audited tables would wait behind this. The next seal tries again.
set lock_timeout = '500ms'
as $$
declare
    v_table regclass;
begin
    for v_table in
        select c.oid
        from pg_class as c
        where
            c.oid in ('plumb.audit_intake'::regclass, 'plumb.audit_captured'::regclass)
            and c.relreplident <> 'f'
            and exists (
                select
                from pg_publication as p
                where
                    p.pubdelete
                    and (
                        p.puballtables
                        or exists (
                            select from pg_publication_namespace as n
                            where n.pnpubid = p.oid and n.pnnspid = 'plumb'::regnamespace
                        )
                        or exists (
                            select from pg_publication_rel as r
                            where r.prpubid = p.oid and r.prrelid = c.oid
                        )
                    )
            )
        order by c.relname desc
    loop
        execute format('alter table %s replica identity full', v_table);
    end loop;
end;
$$;
comment on function plumb.publish_intake() is
'Let what waits for a seal be deleted where a publication holds it.';
revoke execute on function plumb.publish_intake() from public;
