-- Returns the points that one invariant subtracts from the drift score: the first violation costs
-- most, and each doubling after it costs the same again, so that one row and a million rows look
-- different.
create or replace function plumb.drift_penalty(
    p_first numeric, p_growth numeric, p_max numeric, p_weight numeric, p_violations bigint
)
returns numeric
language sql
immutable
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_violations <= 0 then 0
        else p_weight * least(p_first + p_growth * log(2, p_violations), p_max)
    end
$$;
comment on function plumb.drift_penalty(numeric, numeric, numeric, numeric, bigint) is
'weight × min(first + growth × log2(violations), max), in points.';
