-- Ends a command that would change a guarded table while safe mode is engaged.
create or replace function plumb.refuse_guarded_ddl(p_command text, p_object text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'safe mode is on, % of % refused', lower(p_command), p_object
        using errcode = 'read_only_sql_transaction',
        hint = 'Try again when it is off: select * from plumb.safe_mode;';
end;
$$;
comment on function plumb.refuse_guarded_ddl(text, text) is
'Raise SQLSTATE 25006 for a command that would change a guarded table.';
revoke execute on function plumb.refuse_guarded_ddl(text, text) from public;
