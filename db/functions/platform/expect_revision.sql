-- Stores the revision that the running code expects: the migrations component of the health score
-- and the MIGRATIONS_CLEAN gate compare it with the revision that is applied.
create or replace function plumb.expect_revision(p_schema_revision text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update plumb.settings
    set value = p_schema_revision, updated_at = plumb.current_time()
    where name = 'expected_schema_revision' and value is distinct from p_schema_revision
$$;
comment on function plumb.expect_revision(text) is
'State which schema revision the running code was built for.';
grant execute on function plumb.expect_revision(text) to plumb_api;
