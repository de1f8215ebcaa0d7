-- Measures the gate MIGRATIONS_CLEAN: Plumbline's applied revision is the one that the code
-- expects, and the migrations that each application expects are applied. Pending and failed ones
-- weigh more than those that could not be read, and those more than clean ones.
create or replace function plumb.measure_gate_migrations(p_expected_revision text default null)
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'MIGRATIONS_CLEAN',
        string_agg(s.value, ', ' order by s.place, s.source),
        nullif(string_agg(s.threshold, ', ' order by s.place, s.source), ''),
        case
            when bool_or(s.status in ('pending', 'failed')) then 'fail'
            when bool_or(s.status = 'unknown') then 'unknown'
            else 'pass'
        end,
        string_agg(s.said, '; ' order by s.place, s.source)
    from (
        select
            m.source,
            m.status,
            (m.source <> 'plumbline')::integer as place,
            case m.source
                when 'plumbline' then coalesce(r.applied, 'none')
                else format(
                    '%s %s of %s',
                    m.source,
                    m.expected_count - cardinality(m.pending),
                    m.expected_count
                )
            end as value,
            case m.source
                when 'plumbline' then nullif(r.expected, '')
                else format('%s %s', m.source, m.expected_count)
            end as threshold,
            case m.source
                when 'plumbline' then m.reason
                else format('%s: %s', m.source, m.reason)
            end as said
        from plumb.migration_states(p_expected_revision) as m
        cross join (
            select
                coalesce(p_expected_revision, plumb.setting('expected_schema_revision'))
                as expected,
                (select max(v.version_num) from plumb.schema_revision as v) as applied
        ) as r
    ) as s
$$;
comment on function plumb.measure_gate_migrations(text) is
'Gate: the expected migrations are applied; null expects the revision that up and migrate set.';
revoke execute on function plumb.measure_gate_migrations(text) from public;
