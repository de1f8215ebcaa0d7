-- Returns the pause before the next attempt: doubled after each failure, with random jitter of one
-- half. A receiver that is available again must not get everything that waited for it in the same
-- second.
create or replace function plumb.backoff_seconds(
    p_failure_count integer, p_first_seconds numeric, p_seconds_max numeric
)
returns double precision
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    select
        least(
            p_first_seconds * power(2, least(greatest(p_failure_count, 1) - 1, 30)),
            p_seconds_max
        )
        ::double precision * (0.5 + random() / 2)
$$;
comment on function plumb.backoff_seconds(integer, numeric, numeric) is
'Seconds to wait after this many failures: half to all of first × 2^(failures - 1), capped.';
