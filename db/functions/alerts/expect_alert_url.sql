-- Refuses an address that is not https:// and not on this host. Alerts say what is wrong with a
-- business, so they are sent over TLS only.
create or replace function plumb.expect_alert_url(p_destination text, p_url text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
declare
    v_parts constant text [] := regexp_match(
        p_url, '^(https?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[!-~]*|\?[!-~]*)?$'
    );
begin
    if v_parts is null then
        raise exception 'the address of destination % is not an https:// URL', p_destination
            using errcode = 'PL002',
            hint = 'No user name in it, no space, nothing beyond ASCII: https://host/path';
    elsif
        v_parts[1] = 'http'
        and trim(both '[]' from v_parts[2])
        <> all (string_to_array(replace(plumb.setting('plain_http_hosts'), ' ', ''), ','))
    then
        raise exception 'destination % would be notified without TLS on host %',
            p_destination, v_parts[2]
            using errcode = 'PL002',
            hint = 'Use https://, or name the host in the setting plain_http_hosts.';
    end if;
end;
$$;
comment on function plumb.expect_alert_url(text, text) is
'Raise PL002 unless alerts may be sent to this address.';
