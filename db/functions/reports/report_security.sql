-- Writes a section of the executive report in words: security events and blocked clients.
create or replace function plumb.report_security(p_now jsonb, p_before jsonb)
returns table (status text, sentence text)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select
        case
            when n.security_events is null and n.clients_blocked is null then 'unknown'
            when n.security_incidents_open > 0 then 'bad'
            when n.security_events > 0 or n.clients_blocked > 0 then 'attention'
            else 'good'
        end,
        concat_ws(
            ' ',
            case
                when n.security_events is null and n.clients_blocked is null
                    then 'No scan ran, so no attack is known.'
                else format(
                    'Events: %s%s, urgent: %s; clients blocked: %s.',
                    plumb.format_figure(n.security_events, 'count'),
                    plumb.compare_figures(
                        n.security_events, b.security_events, 'count'
                    ),
                    plumb.format_figure(n.security_events_urgent, 'count'),
                    plumb.format_figure(n.clients_blocked, 'count')
                )
            end
        )
    from jsonb_to_record(p_now) as n (
        clients_blocked numeric, security_events numeric, security_events_urgent numeric,
        security_incidents_open numeric
    )
    cross join jsonb_to_record(p_before) as b (
        security_events numeric
    )
$$;
comment on function plumb.report_security(jsonb, jsonb) is
'Section security of a report: status good, attention, bad or unknown, and sentences.';
revoke execute on function plumb.report_security(jsonb, jsonb) from public;
