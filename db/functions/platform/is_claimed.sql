-- Returns whether a row of plumb.locks is claimed. A claim counts while the session that made it
-- lives: the process number and the time at which the session began must both fit. A job is one
-- statement, so that the claim of a session that is idle again was left over by a statement that
-- was cancelled.
create or replace function plumb.is_claimed(p_name text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- A transaction sees the sessions as they were when it first asked for them.
    perform pg_stat_clear_snapshot();
    return exists (
        select
        from plumb.locks as l
        inner join pg_stat_activity as a
            on a.pid = l.holder_pid and a.backend_start = l.holder_started_at
        where
            l.name = p_name
            and (l.name not like 'job %' or a.state is distinct from 'idle')
    );
end;
$$;
comment on function plumb.is_claimed(text) is
'Whether a session that lives has claimed a row of plumb.locks.';
