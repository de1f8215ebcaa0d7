-- What was stored of statements before they were redacted: only the first words stay, for which
-- values a text holds is not known without reading it. New texts come with the next samples.
create or replace function pg_temp.first_words(p_statement text) returns text
language sql
immutable
as $$
    select coalesce(
        upper(
            substring(
                p_statement
                from '(?i)^\s*(?:select|insert|update|delete|merge|with|values|begin|commit|rollback'
                '|copy|call|do|set|vacuum|analyze|(?:create|alter|drop)\s+(?:role|user|table|index'
                '|view|function|database|server|subscription|extension|schema))\y'
            )
        ) || ' …',
        '(removed)'
    )
$$;

create or replace function pg_temp.without_texts(p_list jsonb) returns jsonb
language sql
immutable
as $$
    select coalesce(
        jsonb_agg(
            case
                when e.element ? 'query' and e.element ->> 'query' <> ''
                    then e.element || jsonb_build_object(
                        'query', pg_temp.first_words(e.element ->> 'query')
                    )
                else e.element
            end
            order by e.position
        ),
        '[]'
    )
    from jsonb_array_elements(p_list) with ordinality as e (element, position)
$$;

update plumb.incidents as i
set
    snapshot = jsonb_set(
        i.snapshot, '{activity}', pg_temp.without_texts(i.snapshot -> 'activity')
    )
where
    jsonb_typeof(i.snapshot -> 'activity') = 'array'
    and i.snapshot -> 'activity' <> '[]';

-- pg_stat_statements has taken the values out of these, but neither the comments nor anything of
-- what is no query.
update plumb.statement_observations as o
set query = pg_temp.first_words(o.query)
where
    o.query !~* '^\s*(select|insert|update|delete|merge|with)\y'
    or o.query ~ '--|/\*|''';

-- Descriptions and messages that quote what sessions were running.
update plumb.incidents as i
set description = 'The statements that were named here were removed by an upgrade.'
where
    i.source = 'slow-statement'
    or i.source = 'database-check' and i.scope in ('lock_waits', 'long_transactions');

update plumb.outbox as m
set
    payload = m.payload || jsonb_build_object(
        'description', 'The statements that were named here were removed by an upgrade.'
    )
where
    m.payload ? 'description'
    and (
        m.payload ->> 'source' = 'slow-statement'
        or m.payload ->> 'source' = 'database-check'
        and m.payload ->> 'scope' in ('lock_waits', 'long_transactions')
    );

update plumb.outbox as m
set
    payload = jsonb_set(
        m.payload,
        '{lists,slowStatements}',
        pg_temp.without_texts(m.payload #> '{lists,slowStatements}')
    )
where jsonb_typeof(m.payload #> '{lists,slowStatements}') = 'array';

update plumb.executive_reports as r
set
    report = jsonb_set(
        r.report,
        '{lists,slowStatements}',
        pg_temp.without_texts(r.report #> '{lists,slowStatements}')
    )
where jsonb_typeof(r.report #> '{lists,slowStatements}') = 'array';

drop function pg_temp.without_texts(jsonb);
drop function pg_temp.first_words(text);
