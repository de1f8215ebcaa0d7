-- Opens one incident that names the statements which became slow in the newest sample: many slow
-- statements must not open many incidents. A new statement has no past to compare with: it is
-- recorded in plumb.statement_observations and opens no incident.
create or replace function plumb.judge_statements()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_count bigint;
    v_new_count bigint;
    v_first text;
    v_list text;
begin
    select
        count(*) filter (where o.verdict = 'regressed'),
        count(*) filter (where o.verdict = 'new'),
        (
            array_agg(w.line order by o.total_ms desc) filter (where o.verdict = 'regressed')
        )[1],
        string_agg(w.line, E'\n' order by o.total_ms desc) filter (where o.verdict = 'regressed')
    into v_count, v_new_count, v_first, v_list
    from plumb.statement_observations as o
    cross join lateral (
        select format(
            '%s ms, usually %s ms: %s',
            round(o.mean_ms::numeric, 1),
            round(o.baseline_ms::numeric, 1),
            left(o.query, 120)
        ) as line
    ) as w
    where
        o.observed_at = (
            -- A sample in which nothing ran has no observations, and nothing slow.
            select max(n.sampled_at) from plumb.statement_totals as n
        );
    -- Versions before this one opened an incident about statements that were only new.
    perform plumb.resolve_incident('slow-statement', 'new', 'a new statement opens no incident');
    if v_count > 0 then
        perform plumb.open_incident(
            'slow-statement',
            'regressed',
            'P3',
            format('%s slower than usual: %s', plumb.counted(
                v_count, 'statement is', 'statements are'
            ), v_first),
            left(v_list, 4000),
            v_count,
            plumb.setting('runbook_base_url') || 'slow-statement.md'
        );
    else
        perform plumb.resolve_incident('slow-statement', 'regressed', 'none is slow now');
    end if;
    return v_count + v_new_count;
end;
$$;
comment on function plumb.judge_statements() is
'Open or resolve the incident of slow statements; returns how many are slow, new ones included.';
