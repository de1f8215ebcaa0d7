-- Splits the address of an e-mail destination into its parts: smtps://host:port?from=a@b&to=c@d,e@f
-- speaks TLS from the first byte, smtp:// begins in clear and must become TLS, except on this host.
-- No row where it is no such address.
create or replace function plumb.mail_server(p_url text)
returns table (
    host text, port integer, is_tls boolean, is_start_tls boolean, sender text, recipients text[]
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        h.host,
        coalesce(
            substr(u.parts[3], 2)::integer, case u.parts[1] when 'smtps' then 465 else 587 end
        ),
        u.parts[1] = 'smtps',
        u.parts[1] = 'smtp'
        and h.host <> all(
            string_to_array(replace(plumb.setting('plain_http_hosts'), ' ', ''), ',')
        ),
        substring(u.parts[4] from '(?:^|&)from=([^&]+)'),
        string_to_array(substring(u.parts[4] from '(?:^|&)to=([^&]+)'), ',')
    from (
        select regexp_match(
            p_url,
            '^(smtps?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?/?\?([!-~]+)$'
        ) as parts
    ) as u
    cross join lateral (select trim(both '[]' from u.parts[2]) as host) as h
    where u.parts is not null
$$;
comment on function plumb.mail_server(text) is
'Host, port, encryption, sender and recipients of an smtp:// or smtps:// address.';
