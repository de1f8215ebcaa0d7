-- Returns the first violating rows of an incident, each with who changed it last, as an alert
-- carries them.
create or replace function plumb.incident_evidence(p_incident_id bigint)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_agg(to_jsonb(v) - 'place' order by v.place), '[]')
    from (
        select
            o.invariant_violation_id as place,
            o.subject,
            left(o.explanation, 500) as explanation,
            o.blame
        from plumb.incidents as i
        inner join plumb.invariant_violations as o
            on i.source = 'invariant' and o.invariant = i.scope and o.cleared_at is null
        where i.incident_id = p_incident_id
        order by o.invariant_violation_id
        limit 3
    ) as v
$$;
comment on function plumb.incident_evidence(bigint) is
'The first 3 open violations of an incident, each with its blame, as JSON.';
grant execute on function plumb.incident_evidence(bigint) to plumb_reader;
