-- Returns what the page of security shows: who is blocked, what looked like an attack, which rights
-- changed, which tokens there are and who called what changes something.
create or replace function plumb.describe_security_page()
returns json
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'now', plumb.current_time(),
        'writesNeedToken', plumb.writes_need_token(),
        'blocks', (select coalesce(json_agg(to_jsonb(b)), '[]') from plumb.active_blocks as b),
        'privileges', (
            select coalesce(json_agg(to_jsonb(p)), '[]')
            from (select c.* from plumb.privilege_changes as c limit 50) as p
        ),
        'events', (
            select coalesce(json_agg(to_jsonb(e) order by e.security_event_id desc), '[]')
            from (
                select s.*
                from plumb.security_events as s
                order by s.security_event_id desc
                limit 30
            ) as e
        ),
        'tokens', (select coalesce(json_agg(to_jsonb(t)), '[]') from plumb.token_list as t),
        'calls', (
            select coalesce(json_agg(to_jsonb(c) order by c.api_call_id desc), '[]')
            from (
                select a.*
                from plumb.api_calls as a
                order by a.api_call_id desc
                limit 30
            ) as c
        )
    )
$$;
comment on function plumb.describe_security_page() is
'Blocks, changed privileges, the newest events and calls, and the tokens, as JSON.';
grant execute on function plumb.describe_security_page() to plumb_reader;
