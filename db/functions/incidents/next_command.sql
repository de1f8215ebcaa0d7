-- Returns the first command with which a person investigates an incident, by its source.
create or replace function plumb.next_command(
    p_source text, p_scope text, p_incident_id bigint
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case p_source
        when 'invariant' then format(
            'select subject, explanation, blame from plumb.current_violations'
            ' where invariant = %L;',
            p_scope
        )
        when 'invariant-check' then format(
            'select * from plumb.invariant_status where name = %L;', p_scope
        )
        when 'audit' then 'select * from plumb.open_findings;'
        when 'database-check' then format(
            'select * from plumb.database_checks where check_name = %L;', p_scope
        )
        when 'slow-statement' then
            'select * from plumb.statement_observations where verdict = ''regressed'''
            ' order by observed_at desc, total_ms desc limit 20;'
        when 'latency' then 'select * from plumb.latency_regressions();'
        when 'backup' then 'select * from plumb.backup_status;'
        when 'alerts' then format(
            'select * from plumb.destination_status where destination = %L;', p_scope
        )
        when 'deployment' then 'select * from plumb.deployment_history limit 10;'
        when 'settings' then format('select * from plumb.settings where name = %L;', p_scope)
        when 'security' then case p_scope
            when 'PRIVILEGE_CHANGE' then 'select * from plumb.privilege_changes;'
            else 'select * from plumb.attackers;'
        end
        else format('select plumb.describe_incident_in_full(%s);', p_incident_id)
    end
$$;
comment on function plumb.next_command(text, text, bigint) is
'The SQL command that shows more about an incident.';
grant execute on function plumb.next_command(text, text, bigint) to plumb_reader;
