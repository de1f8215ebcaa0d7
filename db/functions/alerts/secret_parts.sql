-- Returns the parts of an address and its keys that no text for other readers may show, as
-- receivers repeat them: the whole, and each part that could be the key: a path without its host,
-- one segment, the password alone, encoded for a header or for JSON. The host stays readable, and
-- so does a mail address, because the reason of a failure names it.
create or replace function plumb.secret_parts(p_kind text, p_url text, variadic p_secrets text[])
returns text[]
language sql
immutable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    with wholes as (
        select s.part
        from unnest(p_secrets) as s (part)
        union all
        select substring(p_url from '^[A-Za-z]+://[^/?#]*(.+)$')
        where p_kind <> 'email'
    ),

    parts as (
        select w.part from wholes as w
        union
        -- Not split, because one of its parts is the host.
        select p_url
        where p_kind <> 'email'
        union
        select p.part
        from wholes as w
        cross join lateral regexp_split_to_table(w.part, '[/?&=:;,#]+') as p (part)
    ),

    shapes as (
        select s.part
        from parts as p
        cross join lateral (
            values
            (p.part),
            (replace(p.part, '/', '\/')),
            (trim(both '"' from to_json(p.part)::text)),
            (translate(encode(convert_to(p.part, 'UTF8'), 'base64'), E'\n', '')),
            (rtrim(translate(encode(convert_to(p.part, 'UTF8'), 'base64'), E'\n', ''), '=')),
            (encode(convert_to(p.part, 'UTF8'), 'hex'))
        ) as s (part)
        union
        -- As a mail server gets it: AUTH PLAIN sends both with a NUL before each.
        select translate(encode(
            '\x00'::bytea || convert_to(split_part(s.part, ':', 1), 'UTF8') || '\x00'::bytea
            || convert_to(substr(s.part, strpos(s.part, ':') + 1), 'UTF8'), 'base64'
        ), E'\n', '')
        from unnest(p_secrets) as s (part)
        where p_kind = 'email' and s.part like '%:%'
    )

    select coalesce(array_agg(distinct s.part), '{}')
    from shapes as s
    where length(s.part) > 5
$$;
comment on function plumb.secret_parts(text, text, text[]) is
'The parts of a destination''s address and keys that no error text may show.';
revoke execute on function plumb.secret_parts(text, text, text[]) from public;
