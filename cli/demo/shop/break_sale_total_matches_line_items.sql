-- Grants a discount in psql, on the line only; the invoice keeps its total.
create or replace function demo.break_sale_total_matches_line_items()
returns table (story text, memo jsonb)
language sql
volatile
as $$
    with chosen as (
        select i.sale_item_id, i.sale_id, i.line_total
        from retail.sale_items as i
        inner join retail.sales as s on s.sale_id = i.sale_id
        where i.line_total >= 1 and s.status in ('PAID', 'COMPLETED')
        order by i.sale_item_id desc
        limit 1
        for update of i
    ),

    changed as (
        update retail.sale_items as i
        set line_total = round(i.line_total * 0.9, 2)
        from chosen as c
        where i.sale_item_id = c.sale_item_id
        returning i.sale_item_id, i.sale_id, i.line_total, c.line_total as old_line_total
    )

    select
        format(
            'A clerk granted 10 %% in psql, on line %s only: %s instead of %s.'
            ' The total of sale %s stayed.',
            c.sale_item_id, c.line_total, c.old_line_total, c.sale_id
        ),
        jsonb_build_object('sale_item_id', c.sale_item_id, 'line_total', c.old_line_total)
    from changed as c
$$;
comment on function demo.break_sale_total_matches_line_items() is 'Discount a line, not its sale.';
