-- Returns the columns by which the log identifies a row: the primary key, or else the first unique
-- index that covers every row and allows no null.
create or replace function plumb.audit_key_columns(p_relation regclass)
returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        (
            select array_agg(a.attname::text order by k.position)
            from (
                select i.indkey, i.indnkeyatts
                from pg_index as i
                where
                    i.indrelid = p_relation
                    and i.indisunique
                    and i.indisvalid
                    and i.indpred is null
                    and i.indexprs is null
                    and not exists (
                        select from pg_attribute as a
                        where
                            a.attrelid = i.indrelid
                            and a.attnum = any(i.indkey::smallint [])
                            and not a.attnotnull
                    )
                order by i.indisprimary desc, i.indnkeyatts, i.indexrelid
                limit 1
            ) as i
            cross join unnest(i.indkey::smallint []) with ordinality as k (attnum, position)
            inner join pg_attribute as a on a.attrelid = p_relation and a.attnum = k.attnum
            where k.position <= i.indnkeyatts
        ),
        '{}'
    )
$$;
comment on function plumb.audit_key_columns(regclass) is
'The columns of a table''s key in key order; empty when it has none.';
