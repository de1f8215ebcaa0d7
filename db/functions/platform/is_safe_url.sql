-- Returns whether an address may receive alerts: it uses TLS, or its host is named in a setting as
-- allowed without.
create or replace function plumb.is_safe_url(p_url text)
returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    select coalesce(
        p.parts[1] = 'https'
        or trim(both '[]' from p.parts[2])
        = any(string_to_array(replace(plumb.setting('plain_http_hosts'), ' ', ''), ',')),
        false
    )
    from (
        select regexp_match(
            p_url,
            '^(https?)://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[!-~]*|\?[!-~]*)?$'
        ) as parts
    ) as p
$$;
comment on function plumb.is_safe_url(text) is
'Whether an address is https://, or http:// on a host of plain_http_hosts.';
