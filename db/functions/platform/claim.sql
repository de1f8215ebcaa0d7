-- Claims work that outlives a transaction: a job that commits in between, a backup, a deployment,
-- a migration. The claim is a row that names this session; it ends by plumb.release() or with the
-- session, so that a crash frees it. False: another session has it, or is just taking it.
create or replace function plumb.claim(p_name text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into plumb.locks (name) values (p_name) on conflict (name) do nothing;
    perform from plumb.locks as l where l.name = p_name for update skip locked;
    if not found then
        return false;
    end if;
    -- What this session claimed before is over: a session does one thing after the other.
    if exists (
        select
        from plumb.locks as l
        where
            l.name = p_name
            and l.holder_pid <> pg_backend_pid()
            and plumb.is_claimed(p_name)
    ) then
        return false;
    end if;
    update plumb.locks as l
    set
        holder_pid = a.pid,
        holder_started_at = a.backend_start,
        claimed_at = clock_timestamp()
    from pg_stat_activity as a
    where l.name = p_name and a.pid = pg_backend_pid();
    return true;
end;
$$;
comment on function plumb.claim(text) is
'Claim a row of plumb.locks for this session; false while another session has it.';
