-- Records the results of the deliveries that the calling session claimed. Deliveries that were
-- claimed and not attempted are released, as if they had never been claimed.
create or replace function plumb.record_deliveries(p_results jsonb)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_report text;
begin
    select string_agg(format('%s %s', c.outcome_count, c.outcome), ', ' order by c.outcome)
    into v_report
    from (
        select o.outcome, count(*) as outcome_count
        from (
            select plumb.record_delivery(r.result) as outcome
            from jsonb_array_elements(p_results) with ordinality as r (result, position)
            order by r.position
        ) as o
        group by o.outcome
    ) as c;
    update plumb.deliveries as d
    set status = 'queued', attempt_count = d.attempt_count - 1, claim_id = null
    where d.status = 'sending' and d.claimed_by_pid = pg_backend_pid();
    return coalesce(v_report, 'nothing was attempted');
end;
$$;
comment on function plumb.record_deliveries(jsonb) is
'Record what plumb.py_post brought back for this session''s claims; says how it went.';
grant execute on function plumb.record_deliveries(jsonb) to plumb_worker;
