-- Records that a rate limiter fell back to its own counters: it still limits, but its store must be
-- repaired.
create or replace function plumb.report_limiter(
    p_source text, p_is_degraded boolean, p_reason text default ''
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.record_security_event(
        case when p_is_degraded then 'rate_limiter_degraded' else 'rate_limiter_restored' end,
        'P4',
        '',
        p_source,
        jsonb_build_object('reason', left(p_reason, 200))
    )
$$;
comment on function plumb.report_limiter(text, boolean, text) is
'Record that an application''s rate limiter lost its Redis, or has it again.';
grant execute on function plumb.report_limiter(text, boolean, text) to plumb_api, plumb_operator;
