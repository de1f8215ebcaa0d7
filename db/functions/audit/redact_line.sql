-- Returns what redaction leaves of a line. jsonb prints the shortest name first, so the line still
-- begins with its number.
create or replace function plumb.redact_line(p_line jsonb, p_columns text[])
returns jsonb
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_columns is null
        then
            p_line - 'new_key'
            || '{"record_key": null, "old_row": null, "new_row": null}'
        else
            p_line || jsonb_build_object(
                'old_row',
                plumb.row_without(p_line -> 'old_row', p_columns),
                'new_row',
                plumb.row_without(p_line -> 'new_row', p_columns)
            )
    end
$$;
comment on function plumb.redact_line(jsonb, text[]) is
'A line of a block without columns (null: without its key and rows).';
