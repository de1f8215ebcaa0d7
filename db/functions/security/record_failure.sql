-- Records a failed login or refused request and judges the client at once: the fifteen minutes
-- until the next scan would be enough to guess a short password.
create or replace function plumb.record_failure(p_kind text, p_client text, p_actor text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform plumb.record_security_event(p_kind, 'P4', p_client, p_actor);
    return plumb.judge_client(p_client, p_kind);
end;
$$;
comment on function plumb.record_failure(text, text, text) is
'Record a failure of a client and block it when there were too many; says how it stands.';
