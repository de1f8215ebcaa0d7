-- Escapes the three characters that Slack reads as markup, and no others
-- (https://docs.slack.dev/messaging/formatting-message-text).
create or replace function plumb.escape_slack(p_text text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select replace(replace(replace(p_text, '&', '&amp;'), '<', '&lt;'), '>', '&gt;')
$$;
comment on function plumb.escape_slack(text) is 'Text as Slack shows it literally.';
