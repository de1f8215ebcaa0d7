-- After a change that no row of the log shows (a dropped partition, a column that became another
-- type), reconciliation needs to know where it stands. Writers wait while it counts.
reset role;
create or replace function plumb.rebase_audit(p_relation regclass, p_baseline text default 'sum')
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation constant text := plumb.relation_name(p_relation);
begin
    if not exists (select from plumb.audited_tables as a where a.relation = v_relation) then
        raise exception '% is not audited', coalesce(p_relation::text, 'null')
            using errcode = 'PL001', hint = 'select relation from plumb.audited_tables;';
    elsif p_baseline is null or p_baseline not in ('auto', 'rows', 'sum') then
        raise exception 'a baseline cannot be %', quote_nullable(p_baseline)
            using errcode = 'PL002', hint = 'auto, rows or sum.';
    end if;
    execute format('lock table %s in share mode', p_relation);
    return plumb.take_audit_baseline(v_relation, p_baseline);
end;
$$;
comment on function plumb.rebase_audit(regclass, text) is
'Take a new baseline of an audited table, which reconciliation starts from.';
revoke execute on function plumb.rebase_audit(regclass, text) from public;
grant execute on function plumb.rebase_audit(regclass, text) to plumb_operator, plumb_owner;
