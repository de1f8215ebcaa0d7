-- Refuses a statement that writes to a guarded table while safe mode is on. A statement that
-- ended before the switch stands if its transaction writes nothing more: waiting for it would
-- let one idle session hold the brake.
-- The flag is read first because it costs no snapshot and no lock. When it is raised, the row
-- decides: FOR SHARE waits for a switch in progress, and fails with 40001 in a transaction
-- whose snapshot is older than the switch, which is the retry such transactions expect.
create or replace function plumb.tg_refuse_in_safe_mode()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_mode text;
    v_reason text;
begin
    if (select f.last_value from plumb.safe_mode_flag as f) = 1 then
        select m.mode, m.reason into v_mode, v_reason
        from plumb.system_mode as m
        where m.id = 1
        for share;
        if v_mode = 'safe' then
            raise exception 'safe mode is on, % on %.% refused: %',
                lower(tg_op), tg_table_schema, tg_table_name, v_reason
                using errcode = 'read_only_sql_transaction',
                hint = 'Try again when it is off: select * from plumb.safe_mode;';
        end if;
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end;
$$;
comment on function plumb.tg_refuse_in_safe_mode() is
'Refuse a write with SQLSTATE 25006 while safe mode is on.';
revoke execute on function plumb.tg_refuse_in_safe_mode() from public;
