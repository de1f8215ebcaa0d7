-- Returns a row as the log has it: the whole of it, or without what is left out and masked.
-- Inlined.
create or replace function plumb.recorded_row(
    p_row jsonb, p_excluded text[], p_masked text[]
)
returns jsonb
language sql
immutable
parallel safe
as $$
    select case
        when p_excluded is null then p_row
        else plumb.audit_payload(p_row, p_excluded, p_masked)
    end
$$;
comment on function plumb.recorded_row(jsonb, text[], text[]) is
'A row as it is recorded: whole when no columns are given to leave out.';
