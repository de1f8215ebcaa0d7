-- Returns an address without its secrets, as every reader may see it. A path or a query may hold a
-- key, so it is replaced by a digest: two addresses on one host still differ.
create or replace function plumb.shown_url(p_url text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    select coalesce(
        regexp_substr(
            p_url,
            '^https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(?=[/?#]|$)'
        ),
        'an address'
    ) || '/… (' || left(encode(sha256(convert_to(p_url, 'UTF8')), 'hex'), 8) || ')'
$$;
comment on function plumb.shown_url(text) is
'An address without path and query, which may hold a key; a digest stands for them.';
