-- Returns what is wrong in one line, for the title of an alert: for an invariant the row, with its
-- value and the expected one; for other sources the first line of the description.
create or replace function plumb.incident_summary(p_incident_id bigint)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when d.detail is null or strpos(i.title, d.detail) > 0 then i.title
        else i.title || ': ' || d.detail
    end
    from plumb.incidents as i
    cross join lateral (
        select nullif(btrim(left(regexp_replace(
            case
                when i.source = 'invariant' then (
                    select v.explanation
                    from plumb.invariant_violations as v
                    where v.invariant = i.scope and v.cleared_at is null
                    order by v.invariant_violation_id
                    limit 1
                )
                when i.is_open then i.description
            end,
            E'\n.*', ''
        ), 300)), '') as detail
    ) as d
    where i.incident_id = p_incident_id
$$;
comment on function plumb.incident_summary(bigint) is
'One line that says what is wrong: the title and the first row or line that shows it.';
grant execute on function plumb.incident_summary(bigint) to plumb_reader;
