-- A table that a subscription writes needs triggers that fire for what logical replication applies.
-- Where a subscription came after audit_table(), they are attached, and the next comparison covers
-- what was applied before.
create or replace function plumb.follow_subscriptions()
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_before plumb.audited_tables;
begin
    for v_before in
        select a.*
        from plumb.audited_tables as a
        where
            a.form = 'statement'
            and exists (
                select from plumb.audit_members(plumb.find_relation(a.relation)) as m
                inner join pg_subscription_rel as s on s.srrelid = m.member
            )
        order by a.relation
    loop
        update plumb.audited_tables as a set form = 'replica' where a.relation = v_before.relation;
        perform plumb.attach_audit(v_before.relation);
        perform plumb.ask_for_baseline(v_before, plumb.ddl_reason('SUBSCRIPTION'));
    end loop;
end;
$$;
comment on function plumb.follow_subscriptions() is
'Attach the triggers of logical replication to audited tables that a subscription writes.';
