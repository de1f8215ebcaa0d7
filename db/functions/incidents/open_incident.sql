-- Opens an incident, or records that the problem of the one already open for this source and scope
-- goes on, so that a check may run twice without two alerts. A transaction that holds the incident
-- and does not end delays its caller only for a moment: an open incident stays as it is, and one
-- that no other session can see yet is opened a second time, since a hidden problem is worse than
-- one that is reported twice.
create or replace function plumb.open_incident(
    p_source text,
    p_scope text,
    p_priority text,
    p_title text,
    p_description text default '',
    p_occurrence_count bigint default 1,
    p_runbook_url text default ''
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
    v_scope text;
    v_incident_id bigint;
begin
    foreach v_scope in array array[p_scope, p_scope || ' (held by another transaction)']
    loop
        begin
            -- Each round that ends without an incident is one that another session has won.
            for v_round in 1 .. 5
            loop
                v_incident_id := plumb._open_incident(
                    p_source,
                    v_scope,
                    p_priority,
                    p_title,
                    p_description,
                    p_occurrence_count,
                    p_runbook_url
                );
                exit when v_incident_id is not null;
            end loop;
        exception
            when unique_violation then
                -- Another session reopened what this one found resolved.
                v_incident_id := null;
            when lock_not_available then
                select i.incident_id into v_incident_id
                from plumb.incidents as i
                where
                    i.source = p_source
                    and i.scope = v_scope
                    and i.is_open;
        end;
        if v_incident_id is not null then
            return v_incident_id;
        end if;
    end loop;
    raise exception 'incident % cannot be opened: other transactions hold it',
        quote_literal(format('%s/%s', p_source, p_scope))
        using errcode = 'PL004',
        hint = 'select * from pg_stat_activity where state like ''idle in transaction%''; '
        'select * from pg_prepared_xacts; end the one that holds plumb.incidents.';
end;
$$;
comment on function plumb.open_incident(text, text, text, text, text, bigint, text) is
'Open an incident once per source and scope, or continue the open one; returns its id.';
grant execute on function plumb.open_incident(
    text, text, text, text, text, bigint, text
) to plumb_operator;
