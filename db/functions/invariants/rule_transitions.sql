-- Renders a rule that finds steps of a status which are not allowed. plumb.collect_steps() finds
-- the steps in the audit log, because a view of the log would read all of it in every check.
create or replace function plumb.rule_transitions(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'columns', jsonb_build_array(
            jsonb_build_array('subject', 'text', 'The key of the row.'),
            jsonb_build_array('explanation', 'text', 'The violation in one sentence.'),
            jsonb_build_array('changed_at', 'timestamp with time zone', 'When it was changed.')
        ),
        'query', format(
            e'select\n    s.subject,\n    format(\n        %L,\n'
            '        s.subject, s.from_value, s.to_value\n    ) as explanation,\n'
            '    s.changed_at\nfrom plumb.wrong_steps_of({invariant}) as s',
            plumb.rule_label((parse_ident(p_arguments ->> 'table'))[2]) || ' %s: '
            || plumb.rule_label(p_arguments ->> 'column') || ' went from %s to %s'
        ),
        'watches', '[]'::jsonb,
        'description', format(
            'In every row of %s, %s takes allowed steps only: %s%s',
            p_arguments ->> 'table',
            p_arguments ->> 'column',
            (
                select string_agg(s.step, ', ')
                from jsonb_array_elements_text(p_arguments -> 'steps') as s (step)
            ),
            plumb.rule_scope(null)
        ),
        'indexes', '[]'::jsonb
    )
$$;
comment on function plumb.rule_transitions(jsonb) is
'The text of a rule by which a status takes allowed steps only.';
