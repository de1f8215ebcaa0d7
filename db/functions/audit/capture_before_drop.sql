-- What was committed to a captured table comes before its end in the log. Dropping a table does not
-- fail for what keeps the WAL from being read: its rows come later then, or the gap is recorded.
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
'Read what was committed to a captured table before it is dropped, if that is possible.';
