-- Whether code built for a revision may work here: its tables and functions are the applied ones.
create or replace function plumb.describe_readiness(p_schema_revision text)
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'ready', coalesce(max(v.version_num) = p_schema_revision, false),
        'appliedRevision', max(v.version_num),
        'expectedRevision', p_schema_revision
    )
    from plumb.schema_revision as v
$$;
comment on function plumb.describe_readiness(text) is
'Whether the applied schema revision is the one the caller was built for, as JSON.';
grant execute on function plumb.describe_readiness(text) to plumb_reader;
