-- The line says again what was sold.
create or replace function demo.repair_sale_total_matches_line_items(p_memo jsonb)
returns text
language sql
volatile
as $$
    update retail.sale_items as i
    set line_total = (p_memo ->> 'line_total')::numeric
    where i.sale_item_id = (p_memo ->> 'sale_item_id')::bigint
    returning format(
        'Put line %s of sale %s back to %s.', i.sale_item_id, i.sale_id, i.line_total
    )
$$;
comment on function demo.repair_sale_total_matches_line_items(jsonb) is 'Take the discount back.';
