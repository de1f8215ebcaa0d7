-- Renders a rule that judges one row at a time: the rows of a table that meet a condition are
-- wrong.
create or replace function plumb.row_rule(
    p_arguments jsonb,
    p_condition text,
    p_explanation text,
    p_explained text,
    p_values jsonb,
    p_description text,
    p_watches jsonb default null,
    p_indexes jsonb default '[]'
)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select jsonb_build_object(
        'columns', jsonb_build_array(
            jsonb_build_array(
                'subject', k.key ->> 'type', format('The key of the row of %s.', t.relation)
            ),
            jsonb_build_array('explanation', 'text', 'The violation in one sentence.')
        ) || (
            select coalesce(
                jsonb_agg(jsonb_build_array(v.value ->> 0, v.value ->> 2, v.value ->> 3)), '[]'
            )
            from jsonb_array_elements((k.key -> 'values') || p_values) as v
        ),
        'query', format(
            e'select\n    %s as subject,\n    format(\n        %L,\n        %s\n'
            '    ) as explanation%s\nfrom %s as t\nwhere\n    %s%s',
            k.key ->> 'subject',
            t.label || ' %s: ' || p_explanation,
            concat_ws(', ', k.key ->> 'subject', p_explained),
            (
                select string_agg(format(e',\n    %s as %s', v.value ->> 1, v.value ->> 0), '')
                from jsonb_array_elements((k.key -> 'values') || p_values) as v
            ),
            t.relation,
            coalesce('(' || (p_arguments ->> 'where') || e')\n    and ', ''),
            p_condition
        ),
        'watches', coalesce(
            p_watches,
            jsonb_build_array(
                jsonb_build_array(t.relation, p_arguments -> 'key' -> 0, k.key ->> 'watched')
            )
        ),
        'subject', k.key ->> 'subject',
        'condition', coalesce('(' || (p_arguments ->> 'where') || ') and ', '') || p_condition,
        'description', p_description || plumb.rule_scope(p_arguments ->> 'where'),
        'indexes', p_indexes
    )
    from (
        select
            p_arguments ->> 'table' as relation,
            plumb.rule_label((parse_ident(p_arguments ->> 'table'))[2]) as label
    ) as t
    cross join lateral (
        select plumb.rule_key(t.relation, p_arguments -> 'key', 't') as key
    ) as k
$$;
comment on function plumb.row_rule(jsonb, text, text, text, jsonb, text, jsonb, jsonb) is
'The text of a rule that judges one row at a time, with its columns, watches and indexes.';
