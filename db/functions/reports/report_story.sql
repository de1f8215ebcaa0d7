-- Returns a report in three sentences: what happened, what was done about it, what is open.
create or replace function plumb.report_story(p_figures jsonb)
returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'happened', coalesce(
            'It happened: ' || (
                select string_agg(e.clause, ', ' order by e.place)
                from plumb.report_events(p_figures) with ordinality as e (clause, place)
            ) || '.',
            'Nothing happened that is known of.'
        ),
        'done', case
            when n.incidents_ended is null then 'What was done is unknown.'
            when n.incidents_ended = 0 then 'No incident ended.'
            else format(
                '%s ended: %s without a person, %s after one was called or acted.',
                plumb.counted(n.incidents_ended, 'incident'),
                n.incidents_healed,
                n.incidents_ended - n.incidents_healed
            )
        end,
        'open', case
            when n.incidents_open is null then 'What is open is unknown.'
            when n.incidents_open = 0 then 'No incident is open.'
            else format(
                '%s open, %s P1.',
                plumb.counted(n.incidents_open, 'incident is', 'incidents are'),
                case
                    when n.incidents_open_p1 = 0 then 'none of them'
                    else n.incidents_open_p1 || ' of them'
                end
            )
        end
    )
    from jsonb_to_record(p_figures) as n (
        incidents_ended numeric, incidents_healed numeric, incidents_open numeric,
        incidents_open_p1 numeric
    )
$$;
comment on function plumb.report_story(jsonb) is
'happened, done and open: a report in three sentences, from its figures.';
grant execute on function plumb.report_story(jsonb) to plumb_reader;
