-- Follows the tables and columns of rules that were renamed, and finds out which rules cannot be
-- read any more: such a rule is marked with the reason, enforces nothing and is unknown until it is
-- declared again or what it names is back. Only rules are looked at whose tables are among the
-- given ones, have another name or are gone.
create or replace function plumb.follow_rules(p_relations oid[] default '{}')
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
    v_rule plumb.rules;
    v_fault text;
begin
    perform plumb.adopt_invariants();
    for v_rule in
        select r.*
        from plumb.rules as r
        where
            r.fault is not null
            or r.rendered is null
            or exists (
                select from jsonb_each(r.places) as p
                where
                    (p.value ->> 'oid')::oid = any(p_relations)
                    or plumb.relation_name((p.value ->> 'oid')::oid::regclass)
                    is distinct from p.key
            )
        order by r.invariant
    loop
        v_fault := null;
        begin
            update plumb.rules as r
            set
                fault = null,
                arguments = plumb.complete_arguments(
                    v_rule.template, plumb.followed_arguments(v_rule)
                )
            where r.invariant = v_rule.invariant;
            perform plumb.create_rule(v_rule.invariant);
            perform plumb.grant_inspection(plumb.find_relation(p.key))
            from plumb.rules as r
            cross join jsonb_each(r.places) as p
            where r.invariant = v_rule.invariant and plumb.find_relation(p.key) is not null;
        exception
            when sqlstate 'PL002' then
                v_fault := sqlerrm;
        end;
        v_fault := coalesce(
            v_fault,
            plumb.rule_read_fault(
                plumb.find_relation(format('plumb_rules.%I', lower(v_rule.invariant)))
            )
        );
        update plumb.rules as r
        set fault = v_fault
        where r.invariant = v_rule.invariant and r.fault is distinct from v_fault;
    end loop;
end;
$$;
comment on function plumb.follow_rules(oid[]) is
'Follow renamed tables and columns of rules; mark rules that cannot be read any more.';
revoke execute on function plumb.follow_rules(oid[]) from public;
