-- Brings the events of one row in one transaction into the order in which each goes on from what
-- the one before it left. Where several orders do, later events stay later; where none does (a
-- part of the row is not logged), they stay as they are. The last is known, and stays last: hence
-- the walk (Hierholzer's) goes backwards from it, and takes the latest event that leads to where it
-- stands.
--
-- For example, by state before and after: 1: a-b, 2: b-a, 3: s-a, 4: a-z. The walk begins at 4,
-- which needs a. 3 leads to a, and nothing leads to s, so 3 is the first event: place 1. Back at 4,
-- 2 leads to a as well, 1 leads to b, and nothing is left that leads to a: places 2 (event 1),
-- 3 (event 2) and 4 (event 4). The order is 3, 1, 2, 4, and the result {2,3,1,4}.
create or replace function plumb.order_events(p_before text[], p_after text[])
returns integer[]
language plpgsql
immutable
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_last constant integer := cardinality(p_before);
    v_before integer [];
    v_after integer [];
    -- By state, the latest event that leads to it and was not walked yet; by event, the next
    -- earlier one that leads to the same state.
    v_latest integer [] := array_fill(0, array[2 * v_last]);
    v_earlier integer [] := array_fill(0, array[v_last]);
    v_walk integer [] := array[v_last];
    v_depth integer := 1;
    v_event integer;
    v_event_before integer;
    v_places integer [] := array_fill(0, array[v_last]);
    v_count integer := 0;
    v_is_trail boolean := true;
begin
    select
        array_agg(s.number order by s.event) filter (where s.is_before),
        array_agg(s.number order by s.event) filter (where not s.is_before)
    into v_before, v_after
    from (
        select e.event, e.is_before, dense_rank() over (order by e.state) as number
        from (
            select b.event, true as is_before, b.state
            from unnest(p_before) with ordinality as b (state, event)
            union all
            select a.event, false, a.state
            from unnest(p_after) with ordinality as a (state, event)
        ) as e
    ) as s;
    for v_index in 1..v_last - 1 loop
        v_earlier[v_index] := v_latest[v_after[v_index]];
        v_latest[v_after[v_index]] := v_index;
    end loop;

    while v_depth > 0 loop
        v_event := v_latest[v_before[v_walk[v_depth]]];
        if v_event > 0 then
            v_latest[v_before[v_walk[v_depth]]] := v_earlier[v_event];
            v_depth := v_depth + 1;
            v_walk[v_depth] := v_event;
        else
            v_event := v_walk[v_depth];
            v_depth := v_depth - 1;
            v_is_trail := v_is_trail
                and (v_count = 0 or v_after[v_event_before] = v_before[v_event]);
            v_count := v_count + 1;
            v_places[v_event] := v_count;
            v_event_before := v_event;
        end if;
    end loop;
    if v_is_trail and v_count = v_last then
        return v_places;
    end if;
    return array(select generate_series(1, v_last));
end;
$$;
comment on function plumb.order_events(text[], text[]) is
'The place of each event, from 1 on, by the states before and after them; the last stays last.';
grant execute on function plumb.order_events(text[], text[]) to plumb_auditor;
