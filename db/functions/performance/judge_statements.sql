-- Statements that became slow in the newest sample: one incident for each kind, naming them,
-- for a slow day must not raise a hundred alarms.
create or replace function plumb.judge_statements()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind record;
    v_total bigint := 0;
begin
    for v_kind in
        select
            k.verdict,
            k.priority,
            count(o.queryid) as statement_count,
            string_agg(
                format(
                    '%s ms instead of %s: %s',
                    round(o.mean_ms::numeric, 1),
                    coalesce(round(o.baseline_ms::numeric, 1)::text, 'unknown'),
                    left(o.query, 120)
                ), E'\n' order by o.total_ms desc
            ) as list
        from (values ('regressed', 'P3'), ('new', 'P4')) as k (verdict, priority)
        left join plumb.statement_observations as o
            on
                o.verdict = k.verdict
                and o.observed_at = (
                    -- A sample in which nothing ran has no observations, and nothing slow.
                    select max(n.sampled_at) from plumb.statement_totals as n
                )
        group by k.verdict, k.priority
    loop
        v_total := v_total + v_kind.statement_count;
        if v_kind.statement_count > 0 then
            perform plumb.open_incident(
                'slow-statement',
                v_kind.verdict,
                v_kind.priority,
                format('%s slow statements (%s)', v_kind.statement_count, v_kind.verdict),
                left(v_kind.list, 4000),
                v_kind.statement_count,
                plumb.setting('runbook_base_url') || 'slow-statement.md'
            );
        else
            perform plumb.resolve_incident('slow-statement', v_kind.verdict, 'none is slow now');
        end if;
    end loop;
    return v_total;
end;
$$;
comment on function plumb.judge_statements() is
'Open or resolve the incidents of slow statements; returns how many are slow.';
