-- Returns the key of an alert, by which receivers know its messages as one. PagerDuty takes up to
-- 255 characters; a longer one is hashed, alike for every message.
create or replace function plumb.alert_key(p_dedup_key text)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when length(p_dedup_key) <= 255 then p_dedup_key
        else 'plumb:' || encode(sha256(convert_to(p_dedup_key, 'UTF8')), 'hex')
    end
$$;
comment on function plumb.alert_key(text) is
'The key under which receivers know an alert: at most 255 characters.';
