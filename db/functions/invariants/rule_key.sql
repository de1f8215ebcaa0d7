-- Returns how a rule shows the key of a table: as the subject, with the type that lets an index
-- find it. A key of several columns is shown as one text and by its columns besides, the first of
-- which leads from a changed row to the subjects that it touches.
create or replace function plumb.rule_key(p_relation text, p_columns jsonb, p_alias text)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'subject',
        case
            when jsonb_array_length(p_columns) = 1
                then plumb.column_list(p_columns, p_alias || '.{column}')
            else format(
                'jsonb_build_array(%s)::text',
                plumb.column_list(p_columns, p_alias || '.{column}')
            )
        end,
        'type', case when count(*) = 1 then min(format_type(a.atttypid, null)) else 'text' end,
        'watched', case when count(*) = 1 then 'subject' else 'key_1' end,
        'values', coalesce(
            jsonb_agg(
                jsonb_build_array(
                    'key_' || k.position,
                    format('%s.%I', p_alias, a.attname),
                    format_type(a.atttypid, null),
                    format('The column %s of the key.', a.attname)
                )
                order by k.position
            ) filter (where jsonb_array_length(p_columns) > 1),
            '[]'
        ),
        'types', jsonb_agg(format_type(a.atttypid, null) order by k.position)
    )
    from jsonb_array_elements_text(p_columns) with ordinality as k (name, position)
    inner join pg_attribute as a
        on a.attrelid = plumb.find_relation(p_relation) and a.attname = k.name
$$;
comment on function plumb.rule_key(text, jsonb, text) is
'The key of a table as a rule shows it: subject, its type, the watched column, columns besides.';
