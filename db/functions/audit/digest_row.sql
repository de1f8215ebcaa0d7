-- Returns a row's values as a finding may keep them: their SHA-256, for few may read the values.
create or replace function plumb.digest_row(p_row jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        encode(sha256(convert_to(plumb.set_columns(p_row)::text, 'UTF8')), 'hex'), 'no row'
    )
$$;
comment on function plumb.digest_row(jsonb) is
'SHA-256 of a row without its null columns, in hex; no row for null.';
