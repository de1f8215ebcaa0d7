-- Returns a row as the log has it: the whole of it, or without what is left out and masked, and
-- with the exact texts of what JSON does not tell apart. Those are looked for where the row as it
-- is printed has one of them. Inlined.
create or replace function plumb.recorded_row(
    p_row jsonb, p_row_text text, p_excluded text[], p_masked text[], p_exact text[]
)
returns jsonb
language sql
immutable
parallel safe
as $$
    select case
        when p_excluded is null then p_row
        when p_exact is null or p_row_text !~ p_exact[1]
        then case
            when p_excluded = '{}' and p_masked = '{}' then p_row
            else plumb.audit_payload(p_row, p_excluded, p_masked)
        end
        else plumb.recorded_exactly(
            plumb.audit_payload(p_row, p_excluded, p_masked), p_row_text, p_exact
        )
    end
$$;
comment on function plumb.recorded_row(jsonb, text, text[], text[], text[]) is
'A row as it is recorded: whole when no columns are given to leave out.';
