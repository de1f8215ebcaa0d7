-- Releases the key of a request that did nothing: it may be sent again at once, with the same key.
create or replace function plumb.release_idempotency_key(p_claim_id bigint)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with released as (
        delete from plumb.idempotency_keys as k
        where k.claim_id = p_claim_id and k.status = 'in_progress'
        returning 1
    )

    select exists (select from released)
$$;
comment on function plumb.release_idempotency_key(bigint) is
'Give a claimed key back without an answer; false when the claim was lost meanwhile.';
grant execute on function plumb.release_idempotency_key(bigint) to plumb_api, plumb_operator;
