-- Drops a view and makes it again by a command, with the owner and the rights that it had.
create or replace function plumb.renew_view(p_view regclass, p_command text)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_name constant text := p_view::text;
    v_owner constant regrole := (select c.relowner from pg_class as c where c.oid = p_view);
    v_grants constant text [] := array(
        select format(
            'grant %s on %s to %s',
            a.privilege_type,
            v_name,
            case when a.grantee = 0 then 'public' else a.grantee::regrole::text end
        )
        from pg_class as c
        cross join lateral aclexplode(c.relacl) as a
        where c.oid = p_view and a.grantee <> c.relowner
    );
    v_grant text;
begin
    perform plumb.create_view(p_view, format('drop view %s; %s', v_name, p_command));
    execute format('alter view %s owner to %s', v_name, v_owner);
    foreach v_grant in array v_grants loop
        execute v_grant;
    end loop;
end;
$$;
comment on function plumb.renew_view(regclass, text) is
'Make a view anew by a command; its owner and rights stay.';
revoke execute on function plumb.renew_view(regclass, text) from public;
