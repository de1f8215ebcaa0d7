-- Returns a page of incidents as JSON. The cursor holds the sort key of the last row shown, not an
-- offset, so that incidents opened between two pages neither repeat a row nor hide one.
create or replace function plumb.describe_incidents(
    p_statuses text[] default null,
    p_priorities text[] default null,
    p_source text default null,
    p_since timestamptz default null,
    p_sort text default 'priority',
    p_limit integer default 50,
    p_cursor text default null
)
returns json
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_unknown text;
    v_after jsonb;
    v_page json;
begin
    select s into v_unknown
    from unnest(p_statuses) as s
    where s <> all(plumb.incident_statuses())
    limit 1;
    if found then
        raise exception 'status % is not one of %',
            quote_literal(v_unknown), array_to_string(plumb.incident_statuses(), ', ')
            using errcode = 'PL002', hint = 'Separate several with commas.';
    end if;
    select p into v_unknown
    from unnest(p_priorities) as p
    where p <> all(plumb.priorities())
    limit 1;
    if found then
        raise exception 'priority % is not one of %',
            quote_literal(v_unknown), array_to_string(plumb.priorities(), ', ')
            using errcode = 'PL002', hint = 'Separate several with commas.';
    end if;
    if coalesce(p_sort, '') not in ('priority', 'newest') then
        raise exception 'sort % is not one of priority, newest', quote_nullable(p_sort)
            using errcode = 'PL002', hint = 'priority shows the most urgent and oldest first.';
    end if;
    if p_limit is null or p_limit not between 1 and 200 then
        raise exception 'limit % is not between 1 and 200', p_limit
            using errcode = 'PL002', hint = 'Follow nextCursor for more.';
    end if;
    if p_cursor is not null then
        begin
            v_after := convert_from(decode(p_cursor, 'hex'), 'UTF8')::jsonb;
            perform (v_after ->> 1)::text, (v_after ->> 2)::numeric, (v_after ->> 3)::numeric;
        exception
            when data_exception then v_after := null;
        end;
        if v_after is null or v_after ->> 0 is distinct from p_sort then
            raise exception 'cursor % was not issued for this list',
                quote_literal(left(p_cursor, 80))
                using errcode = 'PL002',
                hint = 'Pass nextCursor back as it came, with the same sort.';
        end if;
    end if;

    with matching as (
        select
            i.incident_id,
            case p_sort when 'newest' then '' else i.priority end as rank_key,
            extract(epoch from i.opened_at)
            * case p_sort when 'newest' then -1 else 1 end as time_key,
            i.incident_id * case p_sort when 'newest' then -1 else 1 end as id_key
        from plumb.incidents as i
        where
            i.status = any(coalesce(p_statuses, plumb.incident_statuses(true)))
            and i.priority = any(coalesce(p_priorities, plumb.priorities()))
            and (p_source is null or i.source = p_source)
            and (p_since is null or i.opened_at >= p_since)
    ),

    -- One row more than asked for shows whether there is a next page.
    page as (
        select m.*, row_number() over (order by m.rank_key, m.time_key, m.id_key) as position
        from matching as m
        where
            v_after is null
            or (m.rank_key, m.time_key, m.id_key)
            > (v_after ->> 1, (v_after ->> 2)::numeric, (v_after ->> 3)::numeric)
        order by m.rank_key, m.time_key, m.id_key
        limit p_limit + 1
    )

    select json_build_object(
        'total', (select count(*) from matching),
        'incidents', coalesce(
            json_agg(plumb.describe_incident(p.incident_id) order by p.position)
            filter (where p.position <= p_limit), '[]'
        ),
        'nextCursor', (
            select encode(
                convert_to(
                    jsonb_build_array(p_sort, l.rank_key, l.time_key, l.id_key)::text, 'UTF8'
                ), 'hex'
            )
            from page as l
            where l.position = p_limit and (select count(*) from page) > p_limit
        )
    )
    into v_page
    from page as p;
    return v_page;
end;
$$;
comment on function plumb.describe_incidents(
    text[], text[], text, timestamptz, text, integer, text
) is
'A page of incidents as JSON with total and nextCursor, of the open ones unless p_statuses names
others; wrong filters raise PL002.';
grant execute on function plumb.describe_incidents(
    text[], text[], text, timestamptz, text, integer, text
) to plumb_reader;
