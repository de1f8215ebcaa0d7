-- Ends a flood of alerts once no alert had to be held back for a whole window.
create or replace function plumb.end_floods()
returns bigint
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_flood_id bigint;
    v_count bigint := 0;
begin
    for v_flood_id in
        update plumb.floods as f
        set ended_at = plumb.current_time()
        where
            f.ended_at is null
            and not plumb.is_recent(
                f.last_suppressed_at, plumb.setting_interval('flood_window_seconds')
            )
        returning f.flood_id
    loop
        perform plumb.announce_flood(v_flood_id, 'flood.ended');
        v_count := v_count + 1;
    end loop;
    return v_count;
end;
$$;
comment on function plumb.end_floods() is 'Close floods that ran dry; returns how many.';
