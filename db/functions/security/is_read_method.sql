-- Returns whether a request method changes nothing (RFC 9110). Inlined, because every request asks;
-- the layers in front of the service know the same four methods.
create or replace function plumb.is_read_method(p_method text)
returns boolean
language sql
immutable
as $$
    select p_method operator(pg_catalog.=) any(array['GET', 'HEAD', 'OPTIONS', 'TRACE'])
$$;
comment on function plumb.is_read_method(text) is
'Whether requests with this method change nothing: GET, HEAD, OPTIONS, TRACE.';
