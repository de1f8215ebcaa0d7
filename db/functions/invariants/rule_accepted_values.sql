-- Renders a rule that finds values which are none of the accepted ones; an empty one is not judged.
create or replace function plumb.rule_accepted_values(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select plumb.row_rule(
        p_arguments,
        format(
            '%s::text <> all(%L::text [])',
            c.value,
            array(
                select v.value
                from jsonb_array_elements_text(p_arguments -> 'values') as v (value)
            )
        ),
        plumb.rule_label(p_arguments ->> 'column') || ' is %s',
        c.value,
        jsonb_build_array(
            jsonb_build_array(
                'value', c.value || '::text', 'text', 'The value that is not accepted.'
            )
        ),
        format(
            'In every row of %s, %s is one of %s',
            p_arguments ->> 'table',
            p_arguments ->> 'column',
            (
                select string_agg(v.value, ', ')
                from jsonb_array_elements_text(p_arguments -> 'values') as v (value)
            )
        )
    )
    from (select format('t.%I', p_arguments ->> 'column') as value) as c
$$;
comment on function plumb.rule_accepted_values(jsonb) is
'The text of a rule by which a column holds accepted values only.';
