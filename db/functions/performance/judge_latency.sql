-- Opens one incident for all routes that became slower, and resolves it when none is.
create or replace function plumb.judge_latency()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
    v_list text;
begin
    select
        count(*),
        string_agg(
            format('%s %s: p95 %s ms, usually %s ms', r.source, r.route, r.p95_ms, r.baseline_ms),
            E'\n' order by r.p95_ms / r.baseline_ms desc
        )
    into v_count, v_list
    from plumb.latency_regressions() as r;
    if v_count > 0 then
        perform plumb.open_incident(
            'latency',
            'regression',
            'P3',
            format('%s slower than usual', plumb.counted(v_count, 'route is', 'routes are')),
            left(v_list, 4000),
            v_count,
            plumb.setting('runbook_base_url') || 'latency.md'
        );
    else
        perform plumb.resolve_incident('latency', 'regression', 'every route is as fast as usual');
    end if;
    return v_count;
end;
$$;
comment on function plumb.judge_latency() is
'Open or resolve the incident of slow routes; returns how many are slow.';
