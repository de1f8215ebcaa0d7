-- Returns a page of deployments as JSON, newest first. The cursor is the number of the last one
-- shown, so that a deployment started between two pages neither repeats nor hides one.
create or replace function plumb.describe_deployments(
    p_name text default null,
    p_statuses text[] default null,
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
    v_known constant text[] := array[
        'gating', 'cleared', 'refused', 'applying', 'watching', 'succeeded', 'inconclusive',
        'rolling_back', 'rolled_back', 'rollback_failed', 'interrupted'
    ];
    v_before constant bigint := plumb.page_cursor(p_limit, p_cursor);
    v_unknown text;
    v_page json;
begin
    select s into v_unknown from unnest(p_statuses) as s where lower(s) <> all(v_known) limit 1;
    if found then
        raise exception 'status % is not one of %',
            quote_literal(v_unknown), array_to_string(v_known, ', ')
            using errcode = 'PL002', hint = 'Separate several with commas.';
    end if;
    with matching as (
        select d.deployment_id
        from plumb.deployments as d
        where
            (p_name is null or d.name = p_name)
            and (
                p_statuses is null
                or d.status = any(select lower(s) from unnest(p_statuses) as s)
            )
    ),

    -- One row more than asked for shows whether there is a next page.
    page as (
        select m.deployment_id, row_number() over (order by m.deployment_id desc) as position
        from matching as m
        where m.deployment_id < v_before
        order by m.deployment_id desc
        limit p_limit + 1
    )

    select json_build_object(
        'total', (select count(*) from matching),
        'deployments', coalesce(
            json_agg(plumb.describe_deployment(p.deployment_id) order by p.position)
            filter (where p.position <= p_limit), '[]'
        ),
        'nextCursor', (
            select l.deployment_id::text
            from page as l
            where l.position = p_limit and (select count(*) from page) > p_limit
        )
    )
    into v_page
    from page as p;
    return v_page;
end;
$$;
comment on function plumb.describe_deployments(text, text[], integer, text) is
'A page of deployments as JSON with total and nextCursor; wrong filters raise PL002.';
grant execute on function plumb.describe_deployments(
    text, text[], integer, text
) to plumb_reader;
