-- Adds a silence that begins later: a maintenance window, from a start to an end.
create or replace function plumb.plan_maintenance(
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_reason text,
    p_source text default '%',
    p_scope text default '%',
    p_priorities text[] default '{P1,P2,P3,P4}',
    p_by text default session_user,
    p_repeats_every interval default null,
    p_repeats_until timestamptz default null
)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select plumb.silence(
        p_ends_at,
        p_reason,
        p_source,
        p_scope,
        p_priorities,
        p_by,
        p_starts_at,
        p_repeats_every,
        p_repeats_until,
        'maintenance'
    )
$$;
comment on function plumb.plan_maintenance(
    timestamptz, timestamptz, text, text, text, text[], text, interval, timestamptz
) is
'Hold matching alerts during a window, once or every so often (7 days: weekly, in UTC).';
grant execute on function plumb.plan_maintenance(
    timestamptz, timestamptz, text, text, text, text[], text, interval, timestamptz
) to plumb_operator, plumb_api;
