-- Returns the state of the migrations of everything that runs on this database: Plumbline's own
-- revision, and those of each application that said what it needs.
create or replace function plumb.migration_states(p_expected_revision text default null)
returns table (
    source text,
    status text,
    expected_count bigint,
    applied_count bigint,
    pending text[],
    failed text[],
    reason text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        'plumbline',
        case
            when r.expected = '' then 'unknown'
            when r.applied = r.expected then 'clean'
            else 'pending'
        end,
        (r.expected <> '')::integer::bigint,
        (r.applied is not null)::integer::bigint,
        case
            when r.expected <> '' and r.applied is distinct from r.expected
            then array[r.expected]
            else '{}'
        end,
        '{}'::text[],
        case
            when r.expected = '' then 'no code said what it expects'
            when r.applied = r.expected then format('revision %s is applied', r.applied)
            else format(
                'revision %s is applied, the code expects %s',
                coalesce(r.applied, 'none'),
                r.expected
            )
        end
    from (
        select
            coalesce(p_expected_revision, plumb.setting('expected_schema_revision')) as expected,
            (select max(v.version_num) from plumb.schema_revision as v) as applied
    ) as r
    union all
    select
        e.source,
        j.status,
        cardinality(e.expected),
        j.applied_count,
        j.pending,
        j.failed,
        j.reason
    from plumb.expected_migrations as e
    cross join lateral plumb.judge_migrations(e.source) as j
$$;
comment on function plumb.migration_states(text) is
'Plumbline''s own migrations and those of each application: clean, pending, failed or unknown.';
grant execute on function plumb.migration_states(text) to plumb_reader;
