-- https://docs.slack.dev/messaging/formatting-message-text: these three and no others.
create or replace function plumb.escape_slack(p_text text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select replace(replace(replace(p_text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')
$$;
comment on function plumb.escape_slack(text) is 'Text as Slack shows it literally.';
