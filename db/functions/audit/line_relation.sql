-- Returns which table a line of a block names; null when the line was altered and names none.
create or replace function plumb.line_relation(p_line text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_relation jsonb;
begin
    v_relation := p_line::jsonb -> 'relation';
    return case when jsonb_typeof(v_relation) = 'string' then v_relation #>> '{}' end;
exception
    when data_exception or program_limit_exceeded then return null;
end;
$$;
comment on function plumb.line_relation(text) is
'The relation that a line of a block names, null when it cannot be read.';
