-- Returns the part of a row that may enter the log: excluded columns are left out, masked ones say
-- only that there was a value. Every name is qualified, for code of others may have changed the
-- search_path by the time it is called inside plumb.inspect().
create or replace function plumb.audit_payload(p_row jsonb, p_excluded text[], p_masked text[])
returns jsonb
language sql
immutable
parallel safe
as $$
    select (p_row operator(pg_catalog.-) p_excluded) operator(pg_catalog.||) coalesce(
        (
            select pg_catalog.jsonb_object_agg(m.name, '***')
            from pg_catalog.unnest(p_masked) as m (name)
            where
                m.name operator(pg_catalog.<>) all(p_excluded)
                and pg_catalog.jsonb_typeof(
                    p_row operator(pg_catalog.->) m.name
                ) operator(pg_catalog.<>) 'null'
        ),
        '{}'
    )
$$;
comment on function plumb.audit_payload(jsonb, text[], text[]) is
'A row without its excluded columns and with *** for what its masked columns hold.';
grant execute on function plumb.audit_payload(jsonb, text[], text[]) to plumb_inspector;
