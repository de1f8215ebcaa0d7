-- Returns the end of a rule's description: for which rows it holds.
create or replace function plumb.rule_scope(p_where text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case when p_where is null then '.' else format(', where %s.', p_where) end
$$;
comment on function plumb.rule_scope(text) is
'The end of a sentence about a rule: the condition of the rows that it holds for.';
