-- Notes that DDL rewrites the rows of an audited table, which no trigger sees: they are compared
-- with the log afterwards, and the next reconciliation begins anew. Before the rewrite they cannot
-- be read: the catalog has the new types by then, the rows still the old ones.
reset role;
create or replace function plumb.tg_audit_rewrite()
returns event_trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
set standard_conforming_strings = on
as $$
declare
    v_relation constant text := plumb.relation_name(pg_event_trigger_table_rewrite_oid());
    v_reason constant integer := pg_event_trigger_table_rewrite_reason();
begin
    perform plumb.ask_for_baseline(
        a,
        plumb.ddl_reason(tg_tag),
        -- 4: a column is computed anew. Which one is not said.
        case
            when v_reason & 4 > 0
                then array(select jsonb_object_keys(a.column_types))
            else '{}'
        end
    )
    from plumb.audited_tables as a
    where v_relation = any(a.members);
end;
$$;
comment on function plumb.tg_audit_rewrite() is
'Note that the rows of an audited table are not those that its log implies.';
revoke execute on function plumb.tg_audit_rewrite() from public;
