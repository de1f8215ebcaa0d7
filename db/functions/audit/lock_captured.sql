-- Holds up the writers of a table that is captured from the WAL, and reads what they committed
-- until then, so that the log says of it what it holds. For a table that triggers record, the log
-- does so at all times. Runs as the superuser, for the lock on a table that is not ours.
reset role;
create or replace function plumb.lock_captured(
    p_relation text, p_is_exclusive boolean default false
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if
        plumb.find_relation(p_relation) is not null
        and exists (
            select
            from plumb.audited_tables as a
            where a.relation = p_relation and a.capture = 'wal'
        )
    then
        execute format(
            'lock table %s in %s mode',
            plumb.find_relation(p_relation),
            case when p_is_exclusive then 'access exclusive' else 'share' end
        );
        perform plumb.capture_audit();
    end if;
end;
$$;
comment on function plumb.lock_captured(text, boolean) is
'Hold up the writers of a captured table and read all that they committed from the WAL.';
revoke execute on function plumb.lock_captured(text, boolean) from public;
grant execute on function plumb.lock_captured(text, boolean) to plumb_owner;
