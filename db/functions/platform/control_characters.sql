-- Lists the characters that no name and no reason may hold, once for all that look for them: a
-- terminal or a log would show something else than what is stored. Those that turn the direction of
-- text belong to them, which [[:cntrl:]] leaves out.
create or replace function plumb.control_characters()
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select '[\u0001-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'::text
$$;
comment on function plumb.control_characters() is
'A regular expression that matches one control character, or one that turns the direction of text.';
