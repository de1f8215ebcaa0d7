-- By which number the rows of a key are found among the blocks of the log. It is no evidence: two
-- keys may share one, and who reads compares the keys themselves. Rows that are about a table as a
-- whole have no key and are found under the table alone. Inlined.
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
