-- Lets one transaction at a time do a short piece of work, by locking a row that only Plumbline's
-- owner may lock: any role that may connect could hold an advisory lock. The wait has a limit, and
-- the session that holds the lock is named. It asks again and again instead of waiting with
-- lock_timeout: an exception block would leave the lock to a subtransaction, whose session cannot
-- be found out afterwards. A job ends a session that holds the lock in an idle transaction, and
-- records that as an event.
create or replace function plumb.lock_section(p_name text, p_wait_seconds integer default 10)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ends_at timestamptz := clock_timestamp() + make_interval(secs => p_wait_seconds);
    v_holder record;
    v_may_end boolean := session_user = 'plumb_worker';
begin
    if not exists (select from plumb.locks as l where l.name = p_name) then
        raise exception 'there is no lock %', quote_nullable(p_name)
            using errcode = 'PL001', hint = 'select name from plumb.locks;';
    end if;
    loop
        perform from plumb.locks as l where l.name = p_name for update skip locked;
        exit when found;
        if clock_timestamp() > v_ends_at and v_may_end then
            v_may_end := false;
            for v_holder in select h.* from plumb.end_lock_holders() as h loop
                perform plumb.record_security_event(
                    'lock_holder_ended',
                    'P3',
                    '',
                    v_holder.role_name,
                    jsonb_build_object(
                        'lock', p_name,
                        'process', v_holder.process_id,
                        'application', v_holder.application_name
                    )
                );
                v_ends_at := clock_timestamp() + interval '5 seconds';
            end loop;
            continue;
        end if;
        if clock_timestamp() > v_ends_at then
            raise exception 'the lock % was not free within % s: %',
                quote_literal(p_name), p_wait_seconds, plumb.describe_holder(p_name)
                using errcode = 'PL004',
                hint = 'Let that session commit or roll back, end it with '
                'pg_terminate_backend(), or finish the prepared transaction; then try again.';
        end if;
        perform pg_sleep(0.02);
    end loop;
end;
$$;
comment on function plumb.lock_section(text, integer) is
'Lock a row of plumb.locks until the transaction ends; PL004 names the holder when the wait ends.';
