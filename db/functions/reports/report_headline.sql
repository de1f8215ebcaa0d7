-- Returns the headline of a report: what needs a person now, what happened, what is not known.
create or replace function plumb.report_headline(p_figures jsonb, p_sections jsonb)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when s.bad is not null then concat_ws(
            ' ',
            format('Something needs a person: %s.', s.bad),
            upper(left(h.happened, 1)) || substr(h.happened, 2) || '.'
        )
        when s.is_unmeasured and h.happened is null then 'Nothing was measured in this period.'
        when h.happened is not null then concat_ws(
            ' ',
            upper(left(h.happened, 1)) || substr(h.happened, 2) || '.',
            case
                when n.incidents_open > 0
                    then plumb.counted(n.incidents_open, 'incident is', 'incidents are') || ' open.'
                when n.incidents_open = 0 then 'No incident is open.'
            end,
            'Not known: ' || s.unknown || '.'
        )
        when s.unknown is not null
            then format('Nothing is known to be wrong; not known: %s.', s.unknown)
        when s.attention is not null
            then format('All is in order again; worth a look: %s.', s.attention)
        else 'All is in order.'
    end
    from (
        select
            string_agg(lower(r.title), ', ' order by r.place) filter (where r.status = 'bad')
                as bad,
            string_agg(lower(r.title), ', ' order by r.place) filter (where r.status = 'unknown')
                as unknown,
            string_agg(lower(r.title), ', ' order by r.place) filter (where r.status = 'attention')
                as attention,
            bool_and(r.status = 'unknown' or r.section in ('security', 'deployments'))
                as is_unmeasured
        from (
            select
                e.place,
                e.part ->> 'section' as section,
                e.part ->> 'title' as title,
                e.part ->> 'status' as status
            from jsonb_array_elements(p_sections) with ordinality as e (part, place)
        ) as r
    ) as s
    cross join jsonb_to_record(p_figures) as n (incidents_open numeric)
    cross join lateral (
        select string_agg(e.clause, ', ' order by e.place) as happened
        from plumb.report_events(p_figures) with ordinality as e (clause, place)
        where e.place <= 3
    ) as h
$$;
comment on function plumb.report_headline(jsonb, jsonb) is
'The headline of a report, from its figures and its sections.';
grant execute on function plumb.report_headline(jsonb, jsonb) to plumb_reader;
