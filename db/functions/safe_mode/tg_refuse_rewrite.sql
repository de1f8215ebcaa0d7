-- In safe mode no ALTER TABLE rewrites the rows of a guarded table: it is a write by another name.
reset role;
create or replace function plumb.tg_refuse_rewrite()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation constant text := plumb.relation_name(pg_event_trigger_table_rewrite_oid());
begin
    if
        plumb.is_safe_mode()
        and v_relation in (select g.relation from plumb.guarded_tables as g)
    then
        raise exception 'safe mode is on, % of % refused', lower(tg_tag), v_relation
            using errcode = 'read_only_sql_transaction',
            hint = 'Try again when it is off: select * from plumb.safe_mode;';
    end if;
end;
$$;
comment on function plumb.tg_refuse_rewrite() is
'Refuse with SQLSTATE 25006 to rewrite a guarded table in safe mode.';
revoke execute on function plumb.tg_refuse_rewrite() from public;
