-- Tools that migrate an application's database, the table in which each keeps what it applied, and
-- how that is read: the query for plumb.inspect() gives each migration's name, its other name and
-- its state (applied, failed or gone). Where a tool writes one migration several times, its newest
-- rows count.
create or replace function plumb.migration_tools()
returns table (tool text, table_name text, query text)
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    values
    (
        'alembic', 'alembic_version',
        $query$select m.version_num::text, '{"state": "applied"}'::jsonb from %s as m$query$
    ),
    (
        'django', 'django_migrations',
        $query$select m.app::text || '.' || m.name::text, '{"state": "applied"}'::jsonb
        from %s as m$query$
    ),
    (
        'prisma', '_prisma_migrations',
        $query$select
            m.migration_name::text,
            jsonb_build_object('state', case
                when m.rolled_back_at is not null then 'gone'
                when m.finished_at is null then 'failed'
                else 'applied'
            end)
        from %s as m$query$
    ),
    (
        'flyway', 'flyway_schema_history',
        $query$select
            coalesce(m.version, m.script)::text,
            jsonb_build_object(
                'alias', m.script::text,
                'state', case
                    when not m.success then 'failed'
                    when m.type::text ~ '^(UNDO|DELETE)' then 'gone'
                    else 'applied'
                end
            )
        from (
            select distinct on (coalesce(h.version, h.script)) h.*
            from %s as h
            order by coalesce(h.version, h.script), h.installed_rank desc
        ) as m$query$
    ),
    -- golang-migrate names its table as Rails does, and marks what failed as dirty.
    (
        'rails', 'schema_migrations',
        $query$select
            m.version::text,
            jsonb_build_object('state', case
                when (to_jsonb(m) ->> 'dirty')::boolean then 'failed'
                else 'applied'
            end)
        from %s as m$query$
    )
$$;
comment on function plumb.migration_tools() is
'Tools that migrate a database, their tables, and the query that reads what is applied.';
