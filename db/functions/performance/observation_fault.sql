-- Returns why an observation of requests cannot be recorded, null when it can. Nothing is guessed:
-- if an error count under a wrong name were ignored, a release would look healthy.
create or replace function plumb.observation_fault(p_observation jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    with given as (
        select case jsonb_typeof(p_observation) when 'object' then p_observation else '{}' end as o
    ),

    numbers as (
        select n.*, g.o -> n.name as value
        from given as g
        cross join (values
            (3, 'requestCount', true, true, 0, 1000000000000),
            (4, 'errorCount', true, true, 0, 1000000000000),
            (5, 'windowSeconds', true, false, 0.000001, 86400),
            (6, 'endedSecondsAgo', false, false, 0, 2592000),
            (7, 'p50Ms', false, false, 0, 1000000000),
            (8, 'p95Ms', false, false, 0, 1000000000),
            (9, 'p99Ms', false, false, 0, 1000000000)
        ) as n (place, name, is_required, is_whole, least, most)
    ),

    faults (place, fault) as (
        select 0, format('it is %s, not an object', left(p_observation::text, 80))
        where jsonb_typeof(p_observation) is distinct from 'object'
        union all
        select 1, format('unknown member %s', quote_literal(left(k.name, 80)))
        from given as g
        cross join lateral jsonb_object_keys(g.o) as k (name)
        where k.name not in ('route', 'requestCount', 'errorCount', 'windowSeconds')
            and k.name not in ('endedSecondsAgo', 'p50Ms', 'p95Ms', 'p99Ms')
        union all
        select
            2,
            case
                when coalesce(g.o ->> 'route', '') = '' and not g.o @> '{"route": ""}'
                then 'route is missing'
                else format('route is %s, not a text', left((g.o -> 'route')::text, 80))
            end
        from given as g
        where
            jsonb_typeof(g.o -> 'route') is distinct from 'string'
            or g.o ->> 'route' = ''
        union all
        select
            n.place,
            case
                when coalesce(jsonb_typeof(n.value), 'null') = 'null'
                then format('%s is missing', n.name)
                else format(
                    '%s is %s, not a %s from %s to %s',
                    n.name,
                    left(n.value::text, 80),
                    case when n.is_whole then 'whole number' else 'number' end,
                    n.least,
                    n.most
                )
            end
        from numbers as n
        where case jsonb_typeof(n.value)
            when 'number' then
                not (n.value #>> '{}')::numeric between n.least and n.most
                or n.is_whole and (n.value #>> '{}')::numeric % 1 <> 0
            when 'null' then n.is_required
            else n.is_required or n.value is not null
        end
        union all
        select
            10,
            format(
                'errorCount %s is more than requestCount %s',
                g.o ->> 'errorCount', g.o ->> 'requestCount'
            )
        from given as g
        where case
            when
                jsonb_typeof(g.o -> 'errorCount') = 'number'
                and jsonb_typeof(g.o -> 'requestCount') = 'number'
            then (g.o ->> 'errorCount')::numeric > (g.o ->> 'requestCount')::numeric
            else false
        end
    )

    select f.fault
    from faults as f
    order by f.place, f.fault
    limit 1
$$;
comment on function plumb.observation_fault(jsonb) is
'What keeps an observation of requests from being recorded, in words, or null.';
