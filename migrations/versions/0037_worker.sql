-- Nobody is a member of plumb_owner: whoever is can replace functions that the superuser's code
-- calls, and so becomes the superuser. The jobs call what their role is granted, one by one.
do $$
declare
    v_grantor text;
begin
    -- Since version 16 each grantor revokes what they granted.
    for v_grantor in
        select coalesce(format('granted by %I', r.rolname), '')
        from pg_auth_members as m
        left join pg_roles as r on r.oid = m.grantor
        where m.roleid = 'plumb_owner'::regrole and m.member = 'plumb_worker'::regrole
    loop
        execute format('revoke plumb_owner from plumb_worker %s', v_grantor);
    end loop;
end
$$;
grant usage on schema plumb to plumb_worker;

-- The scan of privileges no longer lists what a release gives its own roles, and must not take
-- that, nor this revocation, for changes that a person made.
delete from plumb.privileges as p
where
    p.kind in ('role', 'membership')
    and (
        p.object ~ '^plumb_' and p.grantee ~ '^(plumb_|$)'
        or p.object ~ '^pg_' and p.grantee = 'plumb_owner'
    )
    or p.grantee = 'plumb_inspector';
