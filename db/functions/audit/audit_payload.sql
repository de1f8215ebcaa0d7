-- What of a row may enter the log: excluded columns are left out, masked ones say only that
-- there was a value.
create or replace function plumb.audit_payload(p_row jsonb, p_excluded text[], p_masked text[])
returns jsonb
language sql
immutable
parallel safe
as $$
    select (p_row - p_excluded) || coalesce(
        (
            select jsonb_object_agg(m.name, '***')
            from unnest(p_masked) as m (name)
            where m.name <> all(p_excluded) and jsonb_typeof(p_row -> m.name) <> 'null'
        ),
        '{}'
    )
$$;
comment on function plumb.audit_payload(jsonb, text[], text[]) is
'A row without its excluded columns and with *** for what its masked columns hold.';
