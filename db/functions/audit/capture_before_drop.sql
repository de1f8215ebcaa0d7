-- Reads what was committed to a captured table before the table is dropped or renamed, so that it
-- stands in the log before the end of its name. When the WAL cannot be read, the command succeeds
-- all the same: the rows come later, or the gap is recorded.
create or replace function plumb.capture_before_drop(p_relation text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if
        plumb.slot_fault() is null
        and current_setting('transaction_isolation') = 'read committed'
        and exists (
            select
            from plumb.audited_tables as a
            where a.relation = p_relation and a.capture = 'wal'
        )
    then
        perform plumb.capture_audit();
    end if;
end;
$$;
comment on function plumb.capture_before_drop(text) is
'Read what was committed to a captured table before it is dropped or renamed, if possible.';
