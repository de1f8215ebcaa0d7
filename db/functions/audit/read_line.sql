-- What a line of a block says. Inlined.
create or replace function plumb.read_line(p_line jsonb)
returns plumb.audit_line
language sql
stable
parallel safe
as $$
    select row(
        (p_line ->> 'n')::integer,
        (p_line ->> 'position')::bigint,
        (p_line ->> 'occurred_at')::timestamptz,
        p_line ->> 'op',
        p_line ->> 'relation',
        p_line ->> 'record_key',
        p_line ->> 'new_key',
        p_line ->> 'actor',
        p_line ->> 'app_user',
        nullif(p_line -> 'old_row', 'null'),
        nullif(p_line -> 'new_row', 'null')
    )::plumb.audit_line
$$;
comment on function plumb.read_line(jsonb) is 'A line of a block as columns.';
grant execute on function plumb.read_line(jsonb) to plumb_auditor;
