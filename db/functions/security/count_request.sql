-- Counts a request in a client's sliding window, made of two fixed ones: what is left of the former
-- window weighs as much as it still overlaps the last window_seconds. Each session counts in the
-- slot of its process, so that requests of one client need not wait for each other; in return the
-- limit may be overrun by as many requests as are being counted at the same instant. A refused
-- request does not use up the limit: who keeps knocking is served again as soon as the window
-- allows.
create or replace function plumb.count_request(
    p_client text,
    p_route_class text,
    p_requests_max integer,
    p_window_seconds integer,
    out is_admitted boolean,
    out remaining integer,
    out retry_after_seconds integer,
    out refused_count bigint
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    v_window record;
    v_used record;
begin
    -- Few expressions, for PL/pgSQL prepares each anew in every transaction.
    select
        to_timestamp(w.number * p_window_seconds) as started_at,
        to_timestamp((w.number - 1) * p_window_seconds) as former_started_at,
        w.epoch / p_window_seconds - w.number as elapsed
    into v_window
    from (
        select
            t.epoch,
            floor(t.epoch / p_window_seconds) as number
        from (
            select extract(epoch from plumb.current_time())::double precision as epoch
        ) as t
    ) as w;
    select
        coalesce(sum(c.request_count) filter (where c.window_started_at >= v_window.started_at), 0)
        as current_count,
        coalesce(
            sum(
                case
                    when c.window_started_at >= v_window.started_at then c.previous_count
                    when c.window_started_at = v_window.former_started_at then c.request_count
                end
            ),
            0
        ) as former_count,
        coalesce(sum(c.refused_count) filter (where c.window_started_at >= v_window.started_at), 0)
        as refused_count
    into v_used
    from plumb.request_counters as c
    where c.client = p_client and c.route_class = p_route_class;

    remaining := greatest(
        floor(
            p_requests_max
            - v_used.current_count
            - v_used.former_count * (1 - v_window.elapsed)
        ),
        0
    );
    is_admitted := remaining > 0;
    if is_admitted then
        remaining := remaining - 1;
    else
        refused_count := v_used.refused_count + 1;
        -- The share of a window after which one more fits: in this window while what weighs is
        -- the former one, in the next one while this one is full by itself.
        retry_after_seconds := greatest(
            ceil(
                p_window_seconds * case
                    when v_used.current_count < p_requests_max
                        then 1 - (p_requests_max - v_used.current_count - 1)
                        ::double precision / v_used.former_count
                    else 2 - (p_requests_max - 1)::double precision / v_used.current_count
                end
                - p_window_seconds * v_window.elapsed
            ),
            1
        );
    end if;

    insert into plumb.request_counters as c (
        client, route_class, slot, window_started_at, request_count, previous_count, refused_count
    )
    values (
        p_client,
        p_route_class,
        pg_backend_pid() % 8,
        v_window.started_at,
        is_admitted::integer,
        0,
        (not is_admitted)::integer
    )
    on conflict (client, route_class, slot) do update
    set
        window_started_at = greatest(c.window_started_at, excluded.window_started_at),
        previous_count = case
            when c.window_started_at >= excluded.window_started_at then c.previous_count
            when c.window_started_at = v_window.former_started_at then c.request_count
            else 0
        end,
        request_count = excluded.request_count + case
            when c.window_started_at >= excluded.window_started_at then c.request_count
            else 0
        end,
        refused_count = excluded.refused_count + case
            when c.window_started_at >= excluded.window_started_at then c.refused_count
            else 0
        end;
end;
$$;
comment on function plumb.count_request(text, text, integer, integer) is
'Count a request in a client''s sliding window: whether it fits, what remains, how long to wait.';
grant execute on function plumb.count_request(text, text, integer, integer) to plumb_api;
