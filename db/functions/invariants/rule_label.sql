-- Returns a name as it stands in the text of an explanation, which format() reads again.
create or replace function plumb.rule_label(p_text text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select replace(p_text, '%', '%%')
$$;
comment on function plumb.rule_label(text) is
'A text that format() writes as it is.';
