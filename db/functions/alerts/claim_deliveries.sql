-- Takes what is due for the calling session. One dispatcher at a time per destination, so that
-- a receiver hears of things in order and an open circuit is tried with one request only. The
-- caller commits before it sends: a crash in between costs a second delivery, never a lost one.
create or replace function plumb.claim_deliveries(p_dispatcher text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_destination record;
    v_claimed bigint;
    v_count bigint := 0;
begin
    insert into plumb.dispatchers (dispatcher, last_seen_at)
    values (p_dispatcher, v_now)
    on conflict (dispatcher) do update set last_seen_at = excluded.last_seen_at;

    -- What waits for longer than any wait lasts was put off while the clock was wrong.
    update plumb.deliveries as d
    set next_attempt_at = v_now
    where
        d.status = 'queued'
        and d.next_attempt_at > v_now + interval '1 minute' + greatest(
            plumb.setting_interval('delivery_backoff_seconds_max'),
            plumb.setting_interval('retry_after_seconds_max')
        );
    update plumb.destinations as d
    set paused_until = v_now
    where d.paused_until > v_now + interval '1 minute' + greatest(
        plumb.setting_interval('circuit_open_seconds_max'),
        plumb.setting_interval('retry_after_seconds_max')
    );

    for v_destination in
        select d.destination, d.circuit_open_count
        from plumb.destinations as d
        inner join plumb.destination_secrets as s on s.destination = d.destination
        where
            d.is_enabled
            and coalesce(d.paused_until <= v_now, true)
            and exists (
                select from plumb.deliveries as w
                where w.destination = d.destination and w.status in ('queued', 'sending')
            )
        order by d.destination
        for update of d skip locked
    loop
        -- A session that is gone, or silent for too long, has lost its claim.
        update plumb.deliveries as d
        set status = 'queued', claim_id = null
        where
            d.destination = v_destination.destination
            and d.status = 'sending'
            and (
                d.claimed_at
                < v_now - plumb.setting_interval('delivery_claim_seconds')
                or not exists (
                    select from pg_stat_activity as a where a.pid = d.claimed_by_pid
                )
            );
        continue when exists (
            select from plumb.deliveries as d
            where d.destination = v_destination.destination and d.status = 'sending'
        );
        update plumb.deliveries as d
        set
            status = 'sending',
            -- Counted now: a payload that kills its sender must not be tried for ever.
            attempt_count = d.attempt_count + 1,
            claim_id = gen_random_uuid(),
            claimed_by_pid = pg_backend_pid(),
            claimed_at = v_now
        where d.delivery_id in (
            select w.delivery_id
            from plumb.deliveries as w
            where
                w.destination = v_destination.destination
                and w.status = 'queued'
                and w.next_attempt_at <= v_now
                -- Messages with one key stay in order.
                and not exists (
                    select from plumb.deliveries as e
                    where
                        e.dedup_key = w.dedup_key
                        and e.destination = w.destination
                        and e.delivery_id < w.delivery_id
                        and e.status = 'queued'
                        and e.next_attempt_at > v_now
                )
            order by w.delivery_id
            limit case
                when v_destination.circuit_open_count > 0 then 1
                else plumb.setting_number('dispatch_batch_max')::integer
            end
            for update skip locked
        );
        get diagnostics v_claimed = row_count;
        v_count := v_count + v_claimed;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.claim_deliveries(text) is
'Claim what is due for this session (dispatcher: database or outside); returns how many.';
grant execute on function plumb.claim_deliveries(text) to plumb_worker;
