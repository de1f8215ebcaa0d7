-- Finds the band a value falls into, and where the band of full points ends.
create or replace function plumb.health_band(p_component text, p_value numeric)
returns table (share numeric, good_max numeric)
language sql
stable
security definer
rows 1
set search_path = pg_catalog, pg_temp
as $$
    select
        coalesce(
            (
                select b.share
                from plumb.health_bands as b
                where b.component = p_component and p_value <= b.value_max
                order by b.value_max
                limit 1
            ), 0
        ),
        (
            select max(b.value_max)
            from plumb.health_bands as b
            where b.component = p_component and b.share = 1
        )
$$;
comment on function plumb.health_band(text, numeric) is
'The share of points for a value, and the highest value that keeps them all.';
