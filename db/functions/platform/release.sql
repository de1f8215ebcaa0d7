-- Releases what this session claimed; what another session has claimed meanwhile stays claimed.
create or replace function plumb.release(p_name text)
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    update plumb.locks as l
    set holder_pid = null, holder_started_at = null, claimed_at = null
    where l.name = p_name and l.holder_pid = pg_backend_pid()
$$;
comment on function plumb.release(text) is 'Give up this session''s claim of a row of plumb.locks.';
