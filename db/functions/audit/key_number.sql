-- Returns the number under which the rows of a key are listed among the blocks of the log. It finds
-- blocks and proves nothing: two keys may share one, and the reader compares the keys themselves.
-- Rows that are about a table as a whole have no key and are listed under the table alone. Inlined.
create or replace function plumb.key_number(p_relation text, p_record_key text)
returns integer
language sql
immutable
parallel safe
as $$
    select (
        'x' || left(md5(p_relation || e'\n' || coalesce(p_record_key, '')), 8)
    )::bit(32)::integer
$$;
comment on function plumb.key_number(text, text) is
'The number under which blocks of the log are indexed for a key, or for a table (null).';
grant execute on function plumb.key_number(text, text) to plumb_auditor;
