-- Tries a rule without declaring it: how many rows violate it, and which. Only what plumb_inspector
-- may read is read, and nothing is made.
create or replace function plumb.try_rule(
    p_template text, p_arguments jsonb, p_subjects_max integer default 5
)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_arguments constant jsonb := plumb.complete_arguments(p_template, p_arguments);
    v_rendered constant jsonb := plumb.render_rule(p_template, v_arguments);
    v_found jsonb;
begin
    select i.value into v_found
    from plumb.inspect(
        format(
            'select null::text, jsonb_build_object(''violations'', count(*), ''subjects'','
            ' (array_agg(q.subject::text order by q.subject))[1:%s]) from (%s) as q',
            p_subjects_max,
            v_rendered ->> 'query'
        )
    ) as i;
    return v_found || jsonb_build_object(
        'arguments', v_arguments, 'description', v_rendered ->> 'description'
    );
end;
$$;
comment on function plumb.try_rule(text, jsonb, integer) is
'What a rule would find now: violations, the first subjects, its arguments and description.';
