-- Renders a rule that finds a table whose newest row is too old, or that has no row: unknown is not
-- fresh. It becomes violated while nothing changes, so nothing is watched and every check reads it.
create or replace function plumb.rule_freshness(p_arguments jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
set quote_all_identifiers = off
as $$
    select jsonb_build_object(
        'columns', jsonb_build_array(
            jsonb_build_array('subject', 'text', 'The table, or the group of its rows.'),
            jsonb_build_array('explanation', 'text', 'The violation in one sentence.'),
            jsonb_build_array('newest', 'timestamp with time zone', 'When its newest row is of.')
        ),
        'query', format(
            e'select\n    t.subject,\n    format(\n        %L,\n        t.subject,\n'
            '        coalesce(t.newest::text, ''missing'')\n    ) as explanation,\n'
            '    t.newest\nfrom (\n    select %s as subject, max(t.%I)::timestamptz as newest\n'
            '    from %s as t\n    where true%s%s\n) as t\nwhere\n    t.newest is null\n'
            '    or t.newest < plumb.current_time() - %L::interval',
            l.label || plumb.rule_label(format(': the newest %s is ', p_arguments ->> 'column'))
            || '%s, older than ' || plumb.rule_label(p_arguments ->> 'age'),
            case
                when p_arguments ? 'groups'
                    then format(
                        'concat_ws('', '', %s)',
                        plumb.column_list(p_arguments -> 'groups', 't.{column}')
                    )
                else format('%L::text', (parse_ident(p_arguments ->> 'table'))[2])
            end,
            p_arguments ->> 'column',
            p_arguments ->> 'table',
            e' and (' || (p_arguments ->> 'where') || ')',
            e'\n    group by ' || plumb.column_list(p_arguments -> 'groups', 't.{column}'),
            p_arguments ->> 'age'
        ),
        'watches', '[]'::jsonb,
        'description', format(
            '%s of %s is never older than %s%s',
            p_arguments ->> 'column',
            p_arguments ->> 'table',
            p_arguments ->> 'age',
            plumb.rule_scope(p_arguments ->> 'where')
        ),
        'indexes', jsonb_build_array(
            jsonb_build_array(
                p_arguments ->> 'table',
                coalesce(p_arguments -> 'groups', '[]')
                || jsonb_build_array(p_arguments -> 'column')
            )
        )
    )
    from (
        select case
            when p_arguments ? 'groups'
                then plumb.rule_label((parse_ident(p_arguments ->> 'table'))[2]) || ' of %s'
            else '%s'
        end as label
    ) as l
$$;
comment on function plumb.rule_freshness(jsonb) is
'The text of a rule by which the newest row of a table is not too old.';
