-- Blocks a client without a check of the allow-list, which its callers have made. A block that
-- still holds is extended, never shortened, and counts as one.
create or replace function plumb._block_client(
    p_client text,
    p_reason text,
    p_blocked_by text,
    p_is_automatic boolean,
    p_seconds integer default null
)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
    v_now constant timestamptz := plumb.current_time();
    v_client constant text := plumb.client_key(p_client);
    v_block plumb.security_blocks;
    v_former_count integer;
    v_until timestamptz;
begin
    update plumb.security_blocks as b
    set lifted_at = b.blocked_until, lifted_by = 'expiry'
    where b.client = v_client and b.lifted_at is null and b.blocked_until <= v_now;
    select b.* into v_block
    from plumb.security_blocks as b
    where b.client = v_client and b.lifted_at is null;
    if found then
        if p_is_automatic then
            return v_block.blocked_until;
        end if;
        update plumb.security_blocks as b
        set
            blocked_until = greatest(
                b.blocked_until,
                v_now + make_interval(
                    secs => coalesce(p_seconds, plumb.setting_number('block_seconds'))
                    ::double precision
                )
            ),
            reason = p_reason,
            blocked_by = p_blocked_by,
            is_automatic = false
        where b.security_block_id = v_block.security_block_id
        returning b.blocked_until into v_until;
        return v_until;
    end if;

    -- A block that a person lifted was a mistake, which must not lengthen the next.
    select count(*) into v_former_count
    from plumb.security_blocks as b
    where
        b.client = v_client
        and b.lifted_by = 'expiry'
        and b.blocked_until > v_now - plumb.setting_interval('block_memory_seconds');
    v_until := v_now + make_interval(
        secs => coalesce(
            p_seconds,
            least(
                plumb.setting_number('block_seconds') * power(2, least(v_former_count, 30)),
                plumb.setting_number('block_seconds_max')
            )
        )::double precision
    );
    insert into plumb.security_blocks (
        client, network, reason, block_count, blocked_by, is_automatic, blocked_at, blocked_until
    )
    values (
        v_client,
        plumb.client_network(p_client, plumb.setting_number('ipv6_prefix_length')::integer),
        p_reason,
        v_former_count + 1,
        p_blocked_by,
        p_is_automatic,
        v_now,
        v_until
    )
    -- Two sessions may see the same attack at once: the second waits for the first, and finds its
    -- block. A snapshot older than that gets a serialization failure.
    on conflict (client) where lifted_at is null do nothing;
    if not found then
        return plumb._block_client(p_client, p_reason, p_blocked_by, p_is_automatic, p_seconds);
    end if;
    perform plumb.record_security_event(
        'client_blocked',
        'P4',
        v_client,
        p_blocked_by,
        jsonb_build_object('reason', p_reason, 'blockCount', v_former_count + 1)
    );
    return v_until;
end;
$$;
comment on function plumb._block_client(text, text, text, boolean, integer) is
'Insert or prolong a block without asking whom it hits; returns until when.';
