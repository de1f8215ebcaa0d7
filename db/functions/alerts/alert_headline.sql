-- Returns the kind of an alert's message in capitals: "P1 INCIDENT OPENED".
create or replace function plumb.alert_headline(p_topic text, p_payload jsonb)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(' ', p_payload ->> 'priority', upper(translate(p_topic, '._', '  ')))
$$;
comment on function plumb.alert_headline(text, jsonb) is
'Priority and topic of a message, in capitals.';
