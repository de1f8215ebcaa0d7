-- Refuses in safe mode an ALTER TABLE that rewrites the rows of a guarded table: it is a write by
-- another name. This refuses before the work is done; plumb.tg_refuse_ddl() would do so after it.
reset role;
create or replace function plumb.tg_refuse_rewrite()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_relation constant oid := pg_event_trigger_table_rewrite_oid();
begin
    if
        plumb.is_guarded_ddl_refused()
        and v_relation in (select r.relation from plumb.guarded_relations() as r)
    then
        perform plumb.refuse_guarded_ddl(tg_tag, plumb.relation_name(v_relation));
    end if;
end;
$$;
comment on function plumb.tg_refuse_rewrite() is
'Refuse with SQLSTATE 25006 to rewrite a guarded table in safe mode.';
revoke execute on function plumb.tg_refuse_rewrite() from public;
