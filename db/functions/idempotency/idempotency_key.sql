-- Reads the header Idempotency-Key. The draft wants a quoted string ("8e03…", a Structured Field),
-- most clients send the bare characters: both mean the same key.
create or replace function plumb.idempotency_key(p_header text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
set standard_conforming_strings = on
as $$
    select k.key
    from (
        select case
            when btrim(p_header) ~ '^"([ !#-\[\]-~]|\\["\\])*"$'
                then regexp_replace(
                    substr(btrim(p_header), 2, length(btrim(p_header)) - 2), '\\(["\\])', '\1', 'g'
                )
            when btrim(p_header) ~ '^[!#-~]+$' then btrim(p_header)
        end as key
    ) as k
    where length(k.key) between 1 and 255
$$;
comment on function plumb.idempotency_key(text) is
'The key in an Idempotency-Key header, quoted or not; null when it is none of 1 to 255 characters.';
grant execute on function plumb.idempotency_key(text) to plumb_reader;
