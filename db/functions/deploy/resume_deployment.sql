-- Takes the lock of a deployment again after a lost connection, unless another process has taken it
-- over meanwhile.
create or replace function plumb.resume_deployment(
    p_deployment_id bigint, p_host text, p_process_id integer
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_deployment plumb.deployments;
begin
    if not plumb.claim('deployment') then
        raise exception 'another process has taken deployment % over', p_deployment_id
            using errcode = 'PL004', hint = 'select * from plumb.deployment_history;';
    end if;
    v_deployment := plumb.expect_deployment(p_deployment_id);
    if
        v_deployment.host is distinct from p_host
        or v_deployment.process_id is distinct from p_process_id
    then
        raise exception 'deployment % was taken over by process % on %: it is %',
            quote_literal(v_deployment.name), v_deployment.process_id, v_deployment.host,
            v_deployment.status
            using errcode = 'PL005', hint = 'select * from plumb.deployment_history;';
    end if;
    update plumb.deployments
    set last_seen_at = plumb.current_time()
    where deployment_id = p_deployment_id;
end;
$$;
comment on function plumb.resume_deployment(bigint, text, integer) is
'Take the lock again after a lost connection; PL004 while another process has
it, PL005 when it was taken over.';
grant execute on function plumb.resume_deployment(bigint, text, integer) to plumb_operator;
