-- The gate MIGRATIONS_CLEAN: the applied revision is the one that the code expects.
create or replace function plumb.measure_gate_migrations(p_expected_revision text)
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'MIGRATIONS_CLEAN',
        coalesce(r.applied, 'none'),
        nullif(r.expected, ''),
        case
            when r.expected = '' then 'unknown'
            when r.applied = r.expected then 'pass'
            else 'fail'
        end,
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
$$;
comment on function plumb.measure_gate_migrations(text) is
'Gate: the applied revision is the expected one; null expects what up and migrate set.';
revoke execute on function plumb.measure_gate_migrations(text) from public;
