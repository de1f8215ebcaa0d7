-- Returns whether an action of an operator on incidents passes in safe mode over HTTP. None does
-- unless the setting names it: the guide says that safe mode refuses every write.
create or replace function plumb.is_open_action(p_path text)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(
        case
            when p_path ~ '^/(incidents/[0-9]+/(un)?acknowledge|webhooks/(pagerduty|slack))$'
                then 'acknowledge'
            when p_path ~ '^/incidents/[0-9]+/comments$' then 'comment'
            when p_path ~ '^/(silences(/[0-9]+)?|maintenance-windows|incidents/[0-9]+/silence)$'
                then 'silence'
        end = any(regexp_split_to_array(plumb.setting('safe_mode_open_actions'), '\s*,\s*')),
        false
    )
$$;
comment on function plumb.is_open_action(text) is
'Whether a path of the service is an action that safe_mode_open_actions leaves open.';
revoke execute on function plumb.is_open_action(text) from public;
