-- Records a failed login that an application reports, with the client's address, and answers at
-- once whether the client is blocked now. The password is never asked for.
create or replace function plumb.report_failed_login(
    p_client text, p_account text, p_application text default ''
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(btrim(p_client), '') = '' and coalesce(btrim(p_account), '') = '' then
        raise exception 'a failed login has a client or an account, got % and %',
            quote_nullable(p_client), quote_nullable(p_account)
            using errcode = 'PL002', hint = 'Report the address the login came from.';
    end if;
    return plumb.record_failure(
        'failed_login',
        coalesce(p_client, ''),
        left(coalesce(p_account, ''), 120)
        || case when p_application <> '' then '@' || left(p_application, 79) else '' end
    );
end;
$$;
comment on function plumb.report_failed_login(text, text, text) is
'Report a failed login (client, account, application); says whether the client is blocked now.';
grant execute on function plumb.report_failed_login(text, text, text) to plumb_api, plumb_operator;
