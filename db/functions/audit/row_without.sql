-- Returns a row of the log without columns, whose exact texts go as well.
create or replace function plumb.row_without(p_row jsonb, p_columns text[])
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when jsonb_typeof(p_row) <> 'object' then p_row
        when jsonb_typeof(p_row -> '') <> 'object' or (p_row -> '') - p_columns = '{}'
        then p_row - p_columns - ''
        when p_row ? ''
        then p_row - p_columns || jsonb_build_object('', (p_row -> '') - p_columns)
        else p_row - p_columns
    end
$$;
comment on function plumb.row_without(jsonb, text[]) is
'A row of the log without columns and without their exact texts.';
