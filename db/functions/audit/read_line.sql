-- Returns what a line of a block says. Inlined.
create or replace function plumb.read_line(p_line jsonb)
returns plumb.audit_line
language sql
stable
parallel safe
as $$
    select row(
        (p_line operator(pg_catalog.->>) 'n')::integer,
        (p_line operator(pg_catalog.->>) 'position')::bigint,
        (p_line operator(pg_catalog.->>) 'occurred_at')::timestamptz,
        p_line operator(pg_catalog.->>) 'op',
        p_line operator(pg_catalog.->>) 'relation',
        p_line operator(pg_catalog.->>) 'record_key',
        p_line operator(pg_catalog.->>) 'new_key',
        p_line operator(pg_catalog.->>) 'actor',
        p_line operator(pg_catalog.->>) 'app_user',
        nullif(p_line operator(pg_catalog.->) 'old_row', 'null'),
        nullif(p_line operator(pg_catalog.->) 'new_row', 'null')
    )::plumb.audit_line
$$;
comment on function plumb.read_line(jsonb) is 'A line of a block as columns.';
grant execute on function plumb.read_line(jsonb) to plumb_auditor;
