-- Takes the right to create objects in our schemas from every role but their owner, whoever gave
-- it: a function or an operator there could be called in the place of one of ours.
do $$
declare
    v_right record;
begin
    for v_right in
        select
            n.oid::regnamespace as schema_name,
            case a.grantee when 0 then 'public' else a.grantee::regrole::text end as role_name
        from pg_namespace as n
        cross join aclexplode(n.nspacl) as a
        where
            n.nspname in ('plumb', 'plumb_guide', 'plumb_rules')
            and a.privilege_type = 'CREATE'
            and a.grantee <> n.nspowner
    loop
        execute format(
            'revoke create on schema %s from %s cascade', v_right.schema_name, v_right.role_name
        );
    end loop;
end;
$$
