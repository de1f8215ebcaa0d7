-- Keeps the answer, success or error alike, for every later request with the same key. A
-- claimant that was given up for dead may not overwrite its successor's answer.
create or replace function plumb.complete_idempotency_key(
    p_claim_id bigint,
    p_response_status integer,
    p_response_body text,
    p_response_headers jsonb default '{}'
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_response_status is null or p_response_status not between 100 and 599 then
        raise exception 'an answer has an HTTP status, not %',
            coalesce(p_response_status::text, 'null')
            using errcode = 'PL002', hint = 'For example 200.';
    end if;
    update plumb.idempotency_keys as k
    set
        status = 'completed',
        response_status = p_response_status,
        response_headers = coalesce(p_response_headers, '{}'),
        response_body = p_response_body,
        completed_at = plumb.current_time()
    where k.claim_id = p_claim_id and k.status = 'in_progress';
    return found;
end;
$$;
comment on function plumb.complete_idempotency_key(bigint, integer, text, jsonb) is
'Store the answer of a claimed request; false when the claim was lost meanwhile.';
grant execute on function plumb.complete_idempotency_key(bigint, integer, text, jsonb)
to plumb_api, plumb_operator;
