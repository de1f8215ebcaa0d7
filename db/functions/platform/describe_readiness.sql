-- Returns whether code built for a revision can work here: that revision is applied, and the server
-- accepts writes.
create or replace function plumb.describe_readiness(p_schema_revision text)
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'ready', coalesce(a.revision = p_schema_revision and f.fault is null, false),
        'appliedRevision', a.revision,
        'expectedRevision', p_schema_revision,
        'writeFault', f.fault
    )
    from (select max(v.version_num) as revision from plumb.schema_revision as v) as a
    cross join (select plumb.write_fault() as fault) as f
$$;
comment on function plumb.describe_readiness(text) is
'Whether the applied schema revision is the one the caller was built for and the server takes
writes, as JSON.';
grant execute on function plumb.describe_readiness(text) to plumb_reader;
