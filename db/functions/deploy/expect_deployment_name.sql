-- Refuses a name of a deployment that is empty, too long or has more than one line.
create or replace function plumb.expect_deployment_name(p_name text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.expect_text('the name of the deployment', p_name);
    if length(p_name) > 200 then
        raise exception 'the name of the deployment has % characters: %…',
            length(p_name), quote_literal(left(p_name, 80))
            using errcode = 'PL002', hint = 'One line of 1 to 200 characters, such as v1.4.2.';
    end if;
end;
$$;
comment on function plumb.expect_deployment_name(text) is
'Raise PL002 unless a deployment may be named so.';
