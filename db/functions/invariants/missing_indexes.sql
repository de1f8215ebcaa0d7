-- Lists the statements that would make the indexes which a rule is fast with and which are not
-- there. An index on the first column is enough to find few rows.
create or replace function plumb.missing_indexes(p_indexes jsonb)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select array(
        select format(
            'create index concurrently on %s (%s);',
            n.relation,
            coalesce(n.expression, plumb.column_list(n.columns, '{column}'))
        )
        from (
            select
                i.value ->> 0 as relation,
                i.value -> 1 as columns,
                i.value ->> 2 as expression,
                i.position
            from jsonb_array_elements(p_indexes) with ordinality as i (value, position)
        ) as n
        where
            not exists (
                select from pg_index as x
                inner join pg_attribute as a
                    on a.attrelid = x.indrelid and a.attnum = x.indkey[0]
                where
                    n.expression is null
                    and x.indrelid = plumb.find_relation(n.relation)
                    and x.indpred is null
                    and x.indisvalid
                    and a.attname = n.columns ->> 0
            )
            and not exists (
                select from pg_index as x
                where
                    n.expression is not null
                    and x.indrelid = plumb.find_relation(n.relation)
                    and x.indkey[0] = 0
                    and x.indisvalid
            )
        order by n.position
    )
$$;
comment on function plumb.missing_indexes(jsonb) is
'CREATE INDEX for what a rule would be fast with and no index begins with.';
grant execute on function plumb.missing_indexes(jsonb) to plumb_reader;
