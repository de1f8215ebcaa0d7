-- Records a request that writes, before it is carried out. finish_call() adds how it ended; a
-- refused one has ended here.
create or replace function plumb.record_call(
    p_source text,
    p_method text,
    p_route text,
    p_client text,
    p_actor text,
    p_scope text,
    p_decision text,
    p_status integer
)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into plumb.api_calls (
        source, method, path, client, actor, scope, decision, status, called_at, answered_at
    )
    select
        left(p_source, 200),
        p_method,
        left(p_route, 500),
        p_client,
        p_actor,
        p_scope,
        p_decision,
        nullif(p_status, 200),
        t.now,
        case when p_decision <> 'admit' then t.now end
    from plumb.current_time() as t (now)
    returning api_call_id
$$;
comment on function plumb.record_call(
    text, text, text, text, text, text, text, integer
) is
'Record a request that writes: who sent it and what was decided; returns its number.';
revoke execute on function plumb.record_call(
    text, text, text, text, text, text, text, integer
) from public;
