-- Finds the columns of a table by which it refers to the key of another one: the one foreign key
-- between them, or else columns of the same names.
create or replace function plumb.find_child_key(
    p_child regclass, p_table regclass, p_key jsonb
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with keys as (
        select jsonb_agg(a.attname order by k.position) as columns
        from pg_constraint as c
        cross join jsonb_array_elements_text(p_key) with ordinality as k (name, position)
        inner join pg_attribute as p on p.attrelid = p_table and p.attname = k.name
        inner join pg_attribute as a
            on
                a.attrelid = p_child
                and a.attnum = c.conkey[array_position(c.confkey, p.attnum)]
        where
            c.contype = 'f'
            and c.conrelid = p_child
            and c.confrelid = p_table
            and cardinality(c.confkey) = jsonb_array_length(p_key)
        group by c.oid
        having count(*) = jsonb_array_length(p_key)
    )

    select case
        when (select count(*) from keys) = 1 then (select k.columns from keys as k)
        when
            (select count(*) from keys) = 0
            and not exists (
                select from jsonb_array_elements_text(p_key) as k (name)
                where not exists (
                    select from pg_attribute as a
                    where a.attrelid = p_child and a.attname = k.name and not a.attisdropped
                )
            )
            then p_key
    end
$$;
comment on function plumb.find_child_key(regclass, regclass, jsonb) is
'Columns by which a table refers to the key of another one; null when that is not clear.';
