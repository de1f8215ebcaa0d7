-- Refuses the address of an e-mail destination unless it names the server, one sender and at least
-- one recipient.
create or replace function plumb.expect_mail_url(p_destination text, p_url text, p_secret text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_address constant text := '^[^@,;<>"()]+@[A-Za-z0-9.-]+$';
    v_server record;
begin
    select m.* into v_server from plumb.mail_server(p_url) as m;
    if
        not found
        or v_server.port not between 1 and 65535
        or v_server.sender !~ v_address is not false
        or cardinality(v_server.recipients) is null
        or exists (select from unnest(v_server.recipients) as r where r !~ v_address)
    then
        raise exception 'the address of destination % is not a mail server with from and to',
            p_destination
            using errcode = 'PL002',
            hint = 'smtps://mail.example.com:465?from=plumb@example.com&to=ops@example.com,'
            'dba@example.com; user:password is the secret.';
    end if;
    if p_secret <> '' and p_secret !~ '^[^:]+:.+$' then
        raise exception 'the secret of destination % is not user:password', p_destination
            using errcode = 'PL002', hint = 'Leave it empty where the server asks for none.';
    end if;
end;
$$;
comment on function plumb.expect_mail_url(text, text, text) is
'Raise PL002 unless mail may be sent by this address and secret.';
