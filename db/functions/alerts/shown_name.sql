-- Returns what a message may show of a name that was given for a destination: nothing that could be
-- an address or a key, because callers mix arguments up and messages go to logs.
create or replace function plumb.shown_name(p_name text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_name is null or p_name ~ '^[A-Za-z0-9_ -]{0,40}$' and p_name !~ '[0-9].*[0-9].*[0-9]'
            then quote_nullable(p_name)
        else format('a text of %s characters', length(p_name))
    end
$$;
comment on function plumb.shown_name(text) is
'A name for a message; its length only where it could be an address or a key.';
