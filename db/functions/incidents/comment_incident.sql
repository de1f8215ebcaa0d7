-- Adds a comment to the timeline of an incident. Comments outlive the incident's end.
create or replace function plumb.comment_incident(
    p_incident_id bigint, p_comment text, p_by text default session_user
)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status text;
begin
    select i.status into v_status from plumb.incidents as i where i.incident_id = p_incident_id;
    if not found then
        raise exception 'there is no incident %', p_incident_id
            using errcode = 'PL001', hint = 'select * from plumb.incidents;';
    end if;
    -- It may have several lines.
    perform plumb.expect_text('the comment', translate(p_comment, E'\n\r\t', ''));
    perform plumb.expect_text('the name of the person', p_by);
    perform plumb.record_incident_event(p_incident_id, 'commented', p_comment, v_status, p_by);
    return plumb.describe_incident(p_incident_id);
end;
$$;
comment on function plumb.comment_incident(bigint, text, text) is
'Add a comment to an incident''s timeline.';
grant execute on function plumb.comment_incident(bigint, text, text) to plumb_operator, plumb_api;
