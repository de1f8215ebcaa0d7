-- Returns the query of how many rows a table has and of their sum, for plumb.inspect().
create or replace function plumb.sum_query(
    p_relation regclass, p_omitted text[], p_masked text[], p_sum_form integer
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select format(
        'select null::text as key, jsonb_build_object('
        '''rows'', count(*), ''sum'', coalesce(sum(plumb.row_sum(q.value, %s)), 0)) as value'
        ' from (%s) as q',
        coalesce(p_sum_form, 2),
        plumb.payload_query(p_relation, '{}', p_omitted, p_masked)
    )
$$;
comment on function plumb.sum_query(regclass, text[], text[], integer) is
'The query of {"rows": how many, "sum": of their payloads} of a table.';
