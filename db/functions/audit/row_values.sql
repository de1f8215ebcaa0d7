-- Lists the columns of a row of the log, each with its exact text where JSON does not tell it from
-- other values.
create or replace function plumb.row_values(p_row jsonb)
returns table (name text, value jsonb, exact_text text)
language sql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
    select r.key, r.value, p_row -> '' ->> r.key
    from jsonb_each(nullif(p_row, 'null')) as r
    where r.key <> ''
$$;
comment on function plumb.row_values(jsonb) is
'The columns of a row of the log, with the exact text where JSON does not say all.';
grant execute on function plumb.row_values(jsonb) to plumb_auditor;
