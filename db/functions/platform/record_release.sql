-- Records the revision that a migration brought, which is the one that the code expects.
create or replace function plumb.record_release(p_schema_revision text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into plumb.releases (schema_revision)
    select p_schema_revision
    where p_schema_revision is distinct from (
        select r.schema_revision from plumb.releases as r order by r.release_id desc limit 1
    );
    perform plumb.expect_revision(p_schema_revision);
    perform plumb.record_audit_functions();
end;
$$;
comment on function plumb.record_release(text) is
'Record that a migration brought the database to this revision.';
