-- Records the result of one attempt. Success and refusal are final; no answer, 5xx, 429 and
-- temporary errors (408, 421, 425; by mail every 4yz) are tried again, after a pause that the
-- receiver may lengthen. A result whose claim was lost meanwhile changes nothing.
create or replace function plumb.record_delivery(p_result jsonb)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_delivery plumb.deliveries;
    v_kind text;
    v_secrets text [];
    v_code constant integer := (p_result ->> 'statusCode')::integer;
    v_wait_seconds double precision;
    v_outcome text;
    v_error text;
begin
    select d.* into v_delivery
    from plumb.deliveries as d
    where
        d.delivery_id = (p_result ->> 'deliveryId')::bigint
        and d.claim_id = (p_result ->> 'claimId')::uuid
        and d.status = 'sending'
    for update;
    if not found then
        return 'lost';
    end if;
    select c.kind, plumb.secret_parts(c.kind, s.url, s.secret, s.webhook_secret)
    into v_kind, v_secrets
    from plumb.destinations as c
    left join plumb.destination_secrets as s on s.destination = c.destination
    where c.destination = v_delivery.destination;

    v_outcome := case
        when
            v_code between 200 and 299
            and (v_kind <> 'slack' or trim(p_result ->> 'body') = 'ok') then 'delivered'
        when v_kind = 'email' then case when v_code >= 500 then 'refused' else 'failed' end
        when v_code = 429 then 'throttled'
        when v_code is null or v_code >= 500 or v_code in (408, 421, 425) then 'failed'
        else 'refused'
    end;
    if v_outcome <> 'delivered' then
        -- Receivers like to repeat what they were sent. Cut off afterwards: half a key is one too.
        v_error := left(
            plumb.redact(
                concat_ws(' ', v_code::text, coalesce(p_result ->> 'error', p_result ->> 'body')),
                v_secrets
            ),
            500
        );
    end if;
    v_wait_seconds := greatest(
        plumb.backoff_seconds(
            v_delivery.attempt_count,
            plumb.setting_number('delivery_backoff_seconds'),
            plumb.setting_number('delivery_backoff_seconds_max')
        ),
        least(
            coalesce((p_result ->> 'retryAfterSeconds')::double precision, 0),
            plumb.setting_number('retry_after_seconds_max')::double precision
        )
    );
    if
        v_outcome = 'failed'
        and v_delivery.attempt_count >= plumb.setting_number('delivery_attempts_max')
    then
        v_outcome := 'exhausted';
    end if;

    update plumb.deliveries as d
    set
        status = case
            when v_outcome = 'delivered' then 'delivered'
            when v_outcome in ('refused', 'exhausted') then 'dead'
            else 'queued'
        end,
        reason = case v_outcome
            when 'refused' then 'the receiver refused it'
            when 'exhausted' then format('failed %s', plumb.counted(d.attempt_count, 'time'))
            else d.reason
        end,
        -- Patience asked for is no failure of the delivery.
        attempt_count = d.attempt_count - case v_outcome when 'throttled' then 1 else 0 end,
        next_attempt_at = v_now + make_interval(secs => v_wait_seconds),
        finished_at = case
            when v_outcome in ('delivered', 'refused', 'exhausted') then v_now
        end,
        claim_id = null,
        last_status_code = v_code,
        last_error = v_error
    where d.delivery_id = v_delivery.delivery_id;
    perform plumb.record_attempt(
        v_delivery.destination,
        v_outcome,
        v_error,
        case
            when v_outcome = 'throttled' or p_result ->> 'retryAfterSeconds' is not null
            then v_wait_seconds
        end
    );
    return v_outcome;
end;
$$;
comment on function plumb.record_delivery(jsonb) is
'Record one attempt; returns delivered, throttled, failed, refused, exhausted or lost.';
