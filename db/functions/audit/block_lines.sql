-- Lists the lines of a block as columns, in their order. A line that was altered may be anything:
-- it is then a row of nulls, so that whoever reads the log can read the rest. Looking at each line
-- by itself costs more, hence only where one of them cannot be read.
create or replace function plumb.block_lines(p_lines text)
returns setof plumb.audit_line
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lines plumb.audit_line [];
    v_line text;
begin
    begin
        v_lines := array(
            select plumb.read_line(s.line)
            from (
                select l.line::jsonb as line
                from string_to_table(p_lines, e'\n') with ordinality as l (line, line_number)
                order by l.line_number
                offset 0
            ) as s
        );
    exception
        when data_exception or program_limit_exceeded then
            v_lines := '{}';
            foreach v_line in array string_to_array(p_lines, e'\n') loop
                begin
                    v_lines := v_lines || plumb.read_line(v_line::jsonb);
                exception
                    when data_exception or program_limit_exceeded then
                        v_lines := v_lines || null::plumb.audit_line;
                end;
            end loop;
    end;
    return query select l.* from unnest(v_lines) as l;
end;
$$;
comment on function plumb.block_lines(text) is
'What each line of a block says; a row of nulls for one that cannot be read.';
grant execute on function plumb.block_lines(text) to plumb_auditor;
