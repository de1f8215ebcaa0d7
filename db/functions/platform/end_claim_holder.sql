-- Ends the session that holds a claim, except a superuser's: who may begin a backup or a deployment
-- would keep every other one out for as long as the session stays. plumb.end_overdue_claims()
-- decides which. Belongs to a superuser, for nobody else may end the sessions of other roles.
reset role;
create or replace function plumb.end_claim_holder(p_name text)
returns table (role_name text, process_id integer, application_name text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    for role_name, process_id, application_name in
        select a.usename::text, a.pid, a.application_name
        from plumb.locks as l
        inner join pg_stat_activity as a
            on a.pid = l.holder_pid and a.backend_start = l.holder_started_at
        inner join pg_roles as r on r.oid = a.usesysid
        where l.name = p_name and not r.rolsuper and a.pid <> pg_backend_pid()
    loop
        if pg_terminate_backend(process_id) then
            return next;
        end if;
    end loop;
end;
$$;
comment on function plumb.end_claim_holder(text) is
'End the session that holds a claim, unless it is a superuser''s; returns whose it was.';
revoke execute on function plumb.end_claim_holder(text) from public;
grant execute on function plumb.end_claim_holder(text) to plumb_owner;
