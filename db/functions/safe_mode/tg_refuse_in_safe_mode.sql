-- Refuses a statement that writes to a guarded table while safe mode is on. It decides when the
-- statement begins and locks nothing: a statement that was let in before may end, and no writer
-- makes the switch wait. The flag is read first because it costs no snapshot.
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
    if (select f.last_value from plumb.safe_mode_flag as f) <> 0 then
        select m.mode, m.reason into v_mode, v_reason
        from plumb.system_mode as m
        where m.id = 1;
        if v_mode = 'safe' then
            raise exception 'safe mode is on, % on %.% refused: %',
                lower(tg_op), tg_table_schema, tg_table_name, v_reason
                using errcode = 'read_only_sql_transaction',
                hint = 'Try again when it is off: select * from plumb.safe_mode;';
        elsif plumb.is_engaged_since_snapshot() then
            raise exception 'safe mode was engaged since this transaction began, % on %.% refused',
                lower(tg_op), tg_table_schema, tg_table_name
                using errcode = 'serialization_failure',
                hint = 'Run the transaction again: its error will say why safe mode is on.';
        end if;
        perform plumb.lower_safe_mode_flag();
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
