-- Returns whether something happened lately, by a clock that may have been wrong then. A time that
-- has not come yet says nothing: what is "newer than now" would stay so until the clock arrives
-- there. One minute is forgiven, for clocks of several servers. Inlined, so that an index on the
-- time serves.
create or replace function plumb.is_recent(p_at timestamptz, p_age_max interval)
returns boolean
language sql
stable
as $$
    select
        p_at operator(pg_catalog.>) (plumb.current_time() operator(pg_catalog.-) p_age_max)
        and p_at operator(pg_catalog.<=) (
            plumb.current_time() operator(pg_catalog.+) interval '00:01:00'
        )
$$;
comment on function plumb.is_recent(timestamptz, interval) is
'Whether a time is at most p_age_max ago and has come already; null when it is null.';
grant execute on function plumb.is_recent(timestamptz, interval) to plumb_reader;
