-- Changes the stock by hand after a stock-take, without a movement in the ledger.
create or replace function demo.break_stock_movement_balance()
returns table (story text, memo jsonb)
language sql
volatile
as $$
    with chosen as (
        select s.product_id
        from retail.stock as s
        where s.quantity >= 4
        order by s.quantity desc, s.product_id
        limit 1
        for update
    ),

    changed as (
        update retail.stock as s
        set quantity = s.quantity - 4
        from chosen as c
        where s.product_id = c.product_id
        returning s.product_id, s.quantity
    )

    select
        format(
            'After a stock-take a clerk ran UPDATE retail.stock by hand: product %s went from %s'
            ' to %s, and the ledger knows nothing of it.',
            c.product_id, c.quantity + 4, c.quantity
        ),
        jsonb_build_object('product_id', c.product_id, 'taken', 4)
    from changed as c
$$;
comment on function demo.break_stock_movement_balance() is 'Change the shelf beside the ledger.';
