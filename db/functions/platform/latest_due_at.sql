-- Returns the newest moment up to a time at which a job of an interval had to run, on the grid that
-- pg_cron keeps as well, in UTC; a daily job runs at 03:00. Inlined, so that a view of all jobs
-- costs no call for each.
create or replace function plumb.latest_due_at(p_interval interval, p_at timestamptz)
returns timestamptz
language sql
stable
as $$
    select pg_catalog.date_bin(
        p_interval,
        p_at,
        pg_catalog.make_timestamptz(
            2000,
            1,
            1,
            case when p_interval operator(pg_catalog.=) interval '1 day' then 3 else 0 end,
            0,
            0,
            'UTC'
        )
    )
$$;
comment on function plumb.latest_due_at(interval, timestamptz) is
'The newest moment up to p_at at which a job of this interval had to run, on the grid of pg_cron.';
grant execute on function plumb.latest_due_at(interval, timestamptz) to plumb_reader;
