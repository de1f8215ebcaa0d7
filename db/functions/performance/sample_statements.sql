-- Compares pg_stat_statements with the last sample and keeps the statements that took most time
-- in between, each judged against its own past. Counters that fell were reset or evicted, and
-- count from zero.
create or replace function plumb.sample_statements()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_is_first boolean;
    v_count bigint;
begin
    v_is_first := not exists (select from plumb.statement_totals);
    -- The first sample has nothing to be compared with.
    if not v_is_first then
        insert into plumb.statement_observations (
            queryid, query, calls, mean_ms, total_ms, baseline_ms, verdict, observed_at
        )
        select
            t.queryid,
            left(plumb.redact_statement(t.query), 2000),
            t.calls,
            t.total_ms / t.calls,
            t.total_ms,
            b.baseline_ms,
            case
                when t.total_ms / t.calls < plumb.setting_number('slow_statement_ms') then 'usual'
                when plumb.is_own_statement(t.query) then 'usual'
                when b.baseline_ms is null then 'new'
                when
                    t.total_ms / t.calls
                    > b.baseline_ms * plumb.setting_number('regression_factor')::double precision
                then 'regressed'
                else 'usual'
            end,
            v_now
        from (
            select
                n.queryid,
                n.query,
                n.calls - coalesce(o.calls, 0) as calls,
                n.total_ms - coalesce(o.total_ms, 0) as total_ms
            from plumb.current_statements() as n
            left join plumb.statement_totals as o
                on o.queryid = n.queryid and o.calls <= n.calls and o.total_ms <= n.total_ms
        ) as t
        left join lateral (
            select percentile_cont(0.5) within group (order by h.mean_ms) as baseline_ms
            from (
                select p.mean_ms
                from plumb.statement_observations as p
                -- What regressed must not become the new normal.
                where p.queryid = t.queryid and p.verdict <> 'regressed'
                order by p.observed_at desc
                limit 100
            ) as h
            having count(*) >= plumb.setting_number('baseline_samples_min')
        ) as b on true
        where t.calls > 0
        order by t.total_ms desc
        limit plumb.setting_number('statement_rows_max')::integer;
        get diagnostics v_count = row_count;
    end if;
    insert into plumb.statement_totals as k (queryid, calls, total_ms, sampled_at)
    select n.queryid, n.calls, n.total_ms, v_now
    from plumb.current_statements() as n
    on conflict (queryid) do update
    set calls = excluded.calls, total_ms = excluded.total_ms, sampled_at = excluded.sampled_at;
    delete from plumb.statement_totals as k
    where k.sampled_at < v_now;
    return coalesce(v_count, 0);
end;
$$;
comment on function plumb.sample_statements() is
'Record what each statement cost since the last sample.';
