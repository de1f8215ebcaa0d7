-- Returns the text below the title of an alert: what happened now, who changed the row, which
-- command comes next. Who changed the row is looked up when the alert is sent, because it is known
-- once the change is sealed, which may be after the incident opened.
create or replace function plumb.alert_lines(p_message_id bigint)
returns text[]
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
    select array_remove(array_remove(array[
        case
            when strpos(o.payload ->> 'title', o.payload ->> 'note') > 0 then null
            else nullif(left(o.payload ->> 'note', 500), '')
        end,
        left(
            format(
                'Last changed by %s: %s of %s at %s, transaction %s',
                concat_ws(
                    ' with application ',
                    c.culprit ->> 'actor',
                    nullif(c.culprit ->> 'application', '')
                ),
                c.culprit ->> 'op',
                c.culprit ->> 'relation',
                to_char(
                    (c.culprit ->> 'occurred_at')::timestamptz, 'YYYY-MM-DD HH24:MI:SS "UTC"'
                ),
                c.culprit ->> 'transaction'
            ),
            case when c.culprit is null then 0 else 500 end
        ),
        case when s.is_open then 'Runbook: ' || nullif(o.payload ->> 'runbookUrl', '') end,
        case when s.is_open then 'Next: ' || (o.payload ->> 'nextCommand') end,
        case
            when s.is_open and o.payload ->> 'acknowledgedAt' is null
                then format(
                    'Then: select plumb.acknowledge_incident(%s, ''your name'');', o.incident_id
                )
        end
    ], null), '') || case
        when o.topic = 'report.executive' then array_remove(array[
            o.payload #>> '{story,happened}',
            o.payload #>> '{story,done}',
            o.payload #>> '{story,open}'
        ], null) || array(
            select format('%s: %s', s.section ->> 'title', left(s.section ->> 'text', 1000))
            from jsonb_array_elements(o.payload -> 'sections')
                with ordinality as s (section, place)
            order by s.place
        )
        else '{}'
    end
    from plumb.outbox as o
    cross join lateral (
        select o.payload ->> 'status' = any(plumb.incident_statuses(true)) as is_open
    ) as s
    cross join lateral (
        select case when s.is_open then coalesce(
            plumb.incident_evidence(o.incident_id) #> '{0,blame,0}',
            o.payload #> '{violations,0,blame,0}'
        ) end as culprit
    ) as c
    where o.message_id = p_message_id
$$;
comment on function plumb.alert_lines(bigint) is
'The lines of an alert below its title: note, who did it, runbook, next command; the sections of a '
'report.';
