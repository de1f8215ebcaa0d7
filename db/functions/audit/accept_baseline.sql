-- Accepts all events of one table that a person must accept: new baselines, triggers that were
-- switched off for a time, a table that was dropped or created anew. Rows that differ from the log
-- are findings of their own and stay open. The table is named as plumb.open_findings names it, for
-- it may be gone.
create or replace function plumb.accept_baseline(p_relation text, p_by text, p_reason text)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant bigint [] := array(
        select f.audit_finding_id
        from plumb.audit_findings as f
        where
            f.relation = p_relation
            and f.source = 'event'
            and f.cleared_at is null
            and f.accepted_at is null
    );
begin
    if v_ids = '{}' then
        raise exception 'nothing of table % waits to be accepted', quote_nullable(p_relation)
            using errcode = 'PL001',
            hint = 'select relation, kind from plumb.open_findings where source = ''event'';';
    end if;
    return plumb.accept_findings(v_ids, p_by, p_reason);
end;
$$;
comment on function plumb.accept_baseline(text, text, text) is
'Accept new baselines and other events of an audited table; the log records who and why.';
grant execute on function plumb.accept_baseline(text, text, text) to plumb_operator;
