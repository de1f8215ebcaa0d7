-- Refuses an argument that a person must fill in and left empty: a reason, a name, a comment. What
-- is recorded without them explains nothing later.
create or replace function plumb.expect_text(p_name text, p_value text)
returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(trim(p_value), '') = '' then
        raise exception '% is missing: got %', p_name, quote_nullable(p_value)
            using errcode = 'PL002', hint = format('Give %s, as text that is not empty.', p_name);
    end if;
end;
$$;
comment on function plumb.expect_text(text, text) is
'Raise PL002 unless an argument, which the name describes in words, holds text.';
revoke execute on function plumb.expect_text(text, text) from public;
grant execute on function plumb.expect_text(text, text) to plumb_owner;
