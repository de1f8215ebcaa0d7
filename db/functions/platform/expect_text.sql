-- Refuses an argument that a person must fill in and left empty: a reason, a name, a comment. What
-- is recorded without them explains nothing later. Refuses control characters as well.
create or replace function plumb.expect_text(p_name text, p_value text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_unshown constant text := substring(p_value from plumb.control_characters());
begin
    if coalesce(trim(p_value), '') = '' then
        raise exception '% is missing: got %', p_name, quote_nullable(p_value)
            using errcode = 'PL002', hint = format('Give %s, as text that is not empty.', p_name);
    elsif v_unshown is not null then
        raise exception '% contains the control character U+%',
            p_name, lpad(upper(to_hex(ascii(v_unshown))), 4, '0')
            using errcode = 'PL002', hint = 'Give one line of characters that can be seen.';
    end if;
end;
$$;
comment on function plumb.expect_text(text, text) is
'Raise PL002 unless an argument, which the name describes in words, holds one line of text.';
revoke execute on function plumb.expect_text(text, text) from public;
grant execute on function plumb.expect_text(text, text) to plumb_owner;
