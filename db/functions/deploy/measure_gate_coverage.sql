-- Measures the gate TEST_COVERAGE: the tests run enough of the statements. The value is cut for
-- display and compared as it is: 84.996 is not 85.
create or replace function plumb.measure_gate_coverage(p_coverage numeric)
returns table (gate text, value text, threshold text, status text, reason text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        'TEST_COVERAGE',
        trunc(p_coverage, 2) || ' %',
        format('>= %s %%', l.percent_min),
        case
            when p_coverage is null then 'unknown'
            when p_coverage >= l.percent_min then 'pass'
            else 'fail'
        end,
        case
            when p_coverage is null then 'no coverage was given'
            else format('the tests run %s %% of the lines', trunc(p_coverage, 2))
        end
    from (select plumb.setting_number('gate_coverage_percent_min') as percent_min) as l
$$;
comment on function plumb.measure_gate_coverage(numeric) is
'Gate: the tests run enough of the lines; null coverage is unknown.';
revoke execute on function plumb.measure_gate_coverage(numeric) from public;
